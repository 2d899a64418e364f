# Only what the report needs.
{ip, status}
| .ok = (.status < 400) # redirects are fine
