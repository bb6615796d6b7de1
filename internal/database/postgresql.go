package database

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresConns bounds the connections of one replica.
const postgresConns = 16

func openPostgreSQL(ctx context.Context, url string) (*DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		// The parser's error may quote the URL, and with it the password.
		return nil, errors.New("the PostgreSQL URL cannot be read: it must be like " +
			`"postgres://user:password@host:5432/database?sslmode=verify-full", special characters percent-encoded`)
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(postgresConns)
	db.SetMaxIdleConns(postgresConns)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("connecting to PostgreSQL (check host, port, database, user and password): %w",
			redact(err, config.Password)), db.Close())
	}
	return &DB{DB: db, Dialect: PostgreSQL}, nil
}

// redact gives err back, or its words without password if they quote it.
func redact(err error, password string) error {
	if password == "" || !strings.Contains(err.Error(), password) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), password, "[secret]"))
}
