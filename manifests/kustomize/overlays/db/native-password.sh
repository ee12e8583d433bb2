# Sourced once by the image's entry point, when the data directory is made: MLMD's client cannot log in in MySQL 8.4's usual way.
password=${MYSQL_PASSWORD//\\/\\\\}
password=${password//\'/\'\'}
MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql --protocol=socket --user=root <<SQL
ALTER USER '$MYSQL_USER'@'%' IDENTIFIED WITH mysql_native_password BY '$password';
SQL
unset password
