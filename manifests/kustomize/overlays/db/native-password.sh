# The image's entry point runs this once, when it creates the data directory. MLMD's client cannot log in with MySQL 8.4's default plug-in.
password=${MYSQL_PASSWORD//\\/\\\\}
password=${password//\'/\'\'}
MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql --protocol=socket --user=root <<SQL
ALTER USER '$MYSQL_USER'@'%' IDENTIFIED WITH mysql_native_password BY '$password';
SQL
unset password
