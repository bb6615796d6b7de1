package databasetest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// superuser is the database role; the operating system's user of that name runs the server when the tests run as root.
const superuser = "postgres"

var errMissing = errors.New("PostgreSQL's programs are not installed")

// postgres is the running PostgreSQL of this test process.
type postgres struct {
	directory string // holds the Unix socket; the server listens on nothing else
	admin     *sql.DB
	lifeline  io.Closer // open for as long as this process lives; see watch
}

// start starts the server of tests once; every later call returns the same one. startDurable is the same for benchmarks:
// its server keeps everything on disk, as those of operators do, with the settings that PostgreSQL comes with.
var (
	start = sync.OnceValues(func() (*postgres, error) {
		return newServer(makeDirectory, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB")
	})
	startDurable = sync.OnceValues(func() (*postgres, error) {
		return newServer(func(prefix string) (string, error) { return os.MkdirTemp("", prefix) })
	})
)

func newServer(makeDirectory func(prefix string) (string, error), settings ...string) (*postgres, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	// Short, because a Unix socket's path has at most 107 bytes.
	directory, err := makeDirectory("pg")
	if err != nil {
		return nil, err
	}
	attributes, err := processAttributes(directory)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(directory, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", superuser, "-A", "trust", "-E", "UTF8",
		"--locale=C.UTF-8", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = attributes, directory
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	log, lifeline, err := serve(bin, data, directory, attributes, settings)
	if err != nil {
		return nil, err
	}
	admin, err := connect(directory, log)
	return &postgres{directory, admin, lifeline}, err
}

func (s *postgres) url(database string) string {
	query := url.Values{"host": {s.directory}, "user": {superuser}}
	return (&url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: query.Encode()}).String()
}

// programs returns the directory of PostgreSQL's server programs. Debian keeps them apart from PATH.
func programs() (string, error) {
	if found, err := filepath.Glob("/usr/lib/postgresql/*/bin"); err == nil && len(found) > 0 {
		return found[len(found)-1], nil
	}
	initdb, err := exec.LookPath("initdb")
	if err != nil {
		return "", errMissing
	}
	return filepath.Dir(initdb), nil
}

// processAttributes puts the server's processes beyond the terminal's interrupt, and makes them another user's when the tests
// run as root, which PostgreSQL refuses.
func processAttributes(directory string) (*syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() != 0 {
		return attributes, nil
	}
	account, err := user.Lookup(superuser)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMissing, err)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, os.Chown(directory, int(uid), int(gid))
}

// serve starts the server and returns its output.
func serve(bin, data, directory string, attributes *syscall.SysProcAttr, settings []string) (*output, io.Closer, error) {
	log := new(output)
	command := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", directory)
	for _, setting := range append(settings, "listen_addresses=", "max_connections=200") {
		command.Args = append(command.Args, "-c", setting)
	}
	command.SysProcAttr, command.Dir = attributes, directory
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		return nil, nil, err
	}
	go func() { fmt.Fprintf(log, "ended: %v\n", command.Wait()) }()
	lifeline, err := watch(command.Process.Pid, directory)
	return log, lifeline, err
}

// watch leaves a shell behind that stops the server, by its process id, and removes its directory as soon as the test
// process has ended in whatever way: its standard input ends then. Package testing tells nobody that all tests are over.
func watch(pid int, directory string) (io.Closer, error) {
	const script = `cat >/dev/null; kill -QUIT "$1"; n=0
		while kill -0 "$1" && [ $((n+=1)) -lt 100 ]; do sleep 0.1; done; rm -rf "$2"`
	shell := exec.Command("/bin/sh", "-c", script, "sh", strconv.Itoa(pid), directory)
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	lifeline, err := shell.StdinPipe()
	if err != nil {
		return nil, err
	}
	return lifeline, shell.Start()
}

// connect waits until the server answers.
func connect(directory string, log *output) (*sql.DB, error) {
	config, err := pgx.ParseConfig("host=" + directory + " user=" + superuser + " dbname=postgres")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	admin := stdlib.OpenDB(*config)
	for poll := time.NewTicker(20 * time.Millisecond); ; {
		err := admin.PingContext(ctx)
		if err == nil {
			return admin, nil
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("the server does not answer: %w\n%s", err, log)
		}
	}
}

// output keeps what the server prints, to be shown should it not start.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
