package databasetest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tokenconsole/internal/database"
)

// template is the content of a SQLite file with all the console's tables, empty. Making them anew takes longer than most
// tests do.
var template = sync.OnceValues(func() (content []byte, err error) {
	directory, err := makeDirectory("template")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	path := filepath.Join(directory, "console.db")
	if err := makeTables("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Put makes a file at path that is an empty database with all the console's tables.
func Put(t testing.TB, path string) {
	t.Helper()
	content, err := template()
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// putMissing is Put for the file that url names, unless there is one, or url names no file.
func putMissing(t testing.TB, url string) {
	t.Helper()
	path, isFile := strings.CutPrefix(url, "sqlite:")
	if _, err := os.Stat(path); isFile && errors.Is(err, fs.ErrNotExist) {
		Put(t, path)
	}
}

// prepared is the name of a database on s with all the console's tables, empty.
var prepared = sync.OnceValues(func() (string, error) {
	const name = "prepared"
	s, err := start()
	if err != nil {
		return "", err
	}
	if _, err := s.admin.Exec("CREATE DATABASE " + name); err != nil {
		return "", err
	}
	return name, makeTables(s.url(name))
})

func makeTables(url string) error {
	db, err := database.Open(context.Background(), url)
	if err != nil {
		return err
	}
	return db.Close()
}
