"EXECUTE u('" + (.user | gsub("'"; "''")) + "');"
