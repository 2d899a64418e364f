#include <stdio.h>
#include <string.h>

#include "rights.h"

bool
rights_refused(rd_kafka_resp_err_t err)
{
	switch (err) {
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR__SSL:
	case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
	case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
		return true;
	default:
		return false;
	}
}

static bool
get(const rd_kafka_conf_t *conf, const char *name, char *out, size_t size)
{
	return rd_kafka_conf_get(conf, name, out, &size) == RD_KAFKA_CONF_OK &&
	    *out != '\0';
}

void
rights_user(const rd_kafka_conf_t *conf, char *user, size_t size)
{
	char name[RIGHTS_USER - 8], protocol[32];

	if (!get(conf, "security.protocol", protocol, sizeof(protocol)))
		protocol[0] = '\0';
	if (strncmp(protocol, "sasl", 4) == 0)
		snprintf(user, size, "User:%s",
		    get(conf, "sasl.username", name, sizeof(name))
			? name
			: "(whom SASL knows)");
	else
		snprintf(user, size, "%s",
		    strcmp(protocol, "ssl") == 0
			? "the subject of its certificate"
			: "User:ANONYMOUS");
}

const char *
rights_on_topic(const struct plan *p, const char *topic)
{
	for (size_t i = 0; i < p->from.n; i++)
		if (strcmp(p->from.v[i], topic) == 0)
			return "Read";
	if (p->changelog != NULL && strcmp(p->changelog, topic) == 0)
		return "Read, Write and DescribeConfigs";
	return "Write";
}

void
rights_tell(const struct plan *p, const char *user, rd_kafka_resp_err_t err,
    const char *topics, char *out, size_t size)
{
	const char *group = p->group == NULL ? "" : p->group;

	*out = '\0';
	switch (err) {
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
		snprintf(out, size, "; %s needs %s on topic %s", user,
		    rights_on_topic(p, topics), topics);
		return;
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
		snprintf(out, size, "; %s needs Read on group %s", user, group);
		return;
	case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
		snprintf(out, size,
		    "; %s needs Write on the transactional ids that start "
		    "with %s-",
		    user, group);
		return;
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
		snprintf(out, size, "; %s needs IdempotentWrite on the cluster",
		    user);
		return;
	default:
		return;
	}
}
