PREPARE u(text) AS
    SELECT (SELECT to_jsonb(u) FROM users u WHERE u.name = $1);
