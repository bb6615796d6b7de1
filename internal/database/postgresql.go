package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresConns bounds the connections of one replica.
const postgresConns = 16

// connectTimeout is how long a connection may take to come about, unless the URL says otherwise.
const connectTimeout = 3 * time.Second

// What PostgreSQL does with a connection of the console, unless the URL says otherwise: a replica that is frozen in a
// transaction, or cut off, must not keep the others from a row for ever.
var bounds = map[string]string{
	"lock_timeout":                        "5s",  // waiting for a row that others have
	"idle_in_transaction_session_timeout": "15s", // a transaction in which nothing is asked any more
}

// bound sets bounds in the parameters of a connection.
func bound(params map[string]string) {
	for name, value := range bounds {
		if _, set := params[name]; !set {
			params[name] = value
		}
	}
}

func openPostgreSQL(ctx context.Context, url string, readOnly bool, o options) (*DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		// The parser's error may quote the URL, and with it the password.
		return nil, errors.New("the PostgreSQL URL cannot be read: it must be like " +
			`"postgres://user:password@host:5432/database?sslmode=verify-full", special characters percent-encoded`)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	if readOnly {
		config.RuntimeParams["default_transaction_read_only"] = "on"
	} else {
		bound(config.RuntimeParams)
	}
	connector := o.observe(stdlib.GetConnector(*config), PostgreSQL)
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(postgresConns)
	db.SetMaxIdleConns(postgresConns)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("connecting to PostgreSQL (check host, port, database, user and password): %w",
			redact(err, config.Password)), db.Close())
	}
	return &DB{pool: db, Dialect: PostgreSQL, connector: connector, url: url}, nil
}

// poolConns bounds the connections of a Pool.
const poolConns = 6

// Pool is Separate for a PostgreSQL database and a library that speaks to pgx itself.
func (db *DB) Pool(ctx context.Context) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(db.url)
	if err != nil {
		return nil, errors.New("the PostgreSQL URL cannot be read")
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	bound(config.ConnConfig.RuntimeParams)
	config.MaxConns = poolConns
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to PostgreSQL: %w", redact(err, config.ConnConfig.Password))
	}
	return pool, nil
}

// redact gives err back, or its words without password if they quote it.
func redact(err error, password string) error {
	if password == "" || !strings.Contains(err.Error(), password) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), password, "[secret]"))
}

// QueryPlanned is QueryContext for queries whose best plan depends on their
// arguments. PostgreSQL would settle on one plan for all of them, which for a rare
// value walks the whole table.
func (db *DB) QueryPlanned(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if db.Dialect == PostgreSQL {
		args = append([]any{pgx.QueryExecModeCacheDescribe}, args...)
	}
	return db.QueryContext(ctx, query, args...)
}
