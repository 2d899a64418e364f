/*
 * ms-kafka - run a pipeline of filters between Kafka topics, exactly once.
 *
 * What comes back from the pipeline is written only once its barrier is back,
 * together with the offsets of what went in, in one transaction.  Whatever is
 * fatal or unclear ends the program with 75: a new one starts from what is
 * committed.
 */
#include <signal.h>

#include "driver/status.h"
#include "instance.h"
#include "plan.h"

int
main(int argc, char **argv)
{
	struct plan plan;
	int status;

	signals_hold_report();
	status = plan_read(&plan, argc, argv);
	if (status == STATUS_OK)
		status = instance_run(&plan);
	plan_release(&plan);
	return status == STATUS_DONE ? STATUS_OK : status;
}
