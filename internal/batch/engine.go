package batch

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"tokenconsole/internal/database"
)

const (
	// jobTimeout is far more than a slice and the calls at its end take.
	jobTimeout = 45 * time.Second
	// pollEvery is how often a database without notifications is asked for jobs.
	pollEvery = 250 * time.Millisecond
	// manyJobs is how many batches a process works on at the same time.
	manyJobs = 16
)

// wakeUp is the job that works on a batch for a few seconds.
type wakeUp struct {
	Batch string `json:"batch"`
}

// Kind implements [river.JobArgs].
func (wakeUp) Kind() string { return "batch" }

type worker struct {
	river.WorkerDefaults[wakeUp]
	batches *Service
}

// Work implements [river.Worker].
func (w *worker) Work(ctx context.Context, job *river.Job[wakeUp]) error {
	var again time.Duration
	var more bool
	w.batches.traced(ctx, job.Args.Kind(), func(ctx context.Context) { again, more = w.batches.work(ctx, job.Args.Batch) })
	if !more {
		return nil
	}
	return river.JobSnooze(again)
}

// engine wakes jobs, on connections of its own.
type engine interface {
	wake(ctx context.Context, id string) error
	stop(ctx context.Context) error
}

// startEngine starts River on db: its tables first, then the jobs.
func (s *Service) startEngine(ctx context.Context) (engine, error) {
	if s.db.Dialect == database.PostgreSQL {
		return s.startOnPostgreSQL(ctx)
	}
	// River's driver for SQLite works with one connection, and is told so by its authors.
	pool := s.db.Separate(1)
	e, err := startRiver(ctx, riversqlite.New(pool), s, true)
	if err != nil {
		_ = pool.Close()
		return nil, err
	}
	e.close = func() { _ = pool.Close() }
	return e, nil
}

func (s *Service) startOnPostgreSQL(ctx context.Context) (engine, error) {
	pool, err := s.db.Pool(ctx)
	if err != nil {
		return nil, err
	}
	var e *riverEngine[pgx.Tx]
	err = alone(ctx, pool, func() (err error) {
		e, err = startRiver(ctx, riverpgxv5.New(pool), s, false)
		return err
	})
	if err != nil {
		pool.Close()
		return nil, err
	}
	e.close = pool.Close
	return e, nil
}

// migrationLock keeps replicas that start together from making River's tables at the same time.
const migrationLock = 0x746f6b656e63 // any number that nobody else uses

func alone(ctx context.Context, pool *pgxpool.Pool, do func() error) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return err
	}
	defer func() {
		_, _ = conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock))
	}()
	return do()
}

type riverEngine[TTx any] struct {
	client *river.Client[TTx]
	close  func()
}

func startRiver[TTx any](ctx context.Context, driver riverdriver.Driver[TTx], s *Service, poll bool) (*riverEngine[TTx], error) {
	log := slog.New(quiet{s.log.Handler()})
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: log})
	if err != nil {
		return nil, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, fmt.Errorf("bringing River's tables up to date: %w", err)
	}
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &worker{batches: s}); err != nil {
		return nil, err
	}
	config := &river.Config{
		Logger: log, Workers: workers, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: manyJobs}},
		JobTimeout: jobTimeout, RescueStuckJobsAfter: jobTimeout + leaseFor, PollOnly: poll, FetchPollInterval: pollEvery,
	}
	client, err := river.NewClient(driver, config)
	if err != nil {
		return nil, err
	}
	// Its end is stop's: jobs see through what they are at.
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return nil, err
	}
	return &riverEngine[TTx]{client: client}, nil
}

func (e *riverEngine[TTx]) wake(ctx context.Context, id string) error {
	_, err := e.client.Insert(ctx, wakeUp{Batch: id}, nil)
	return err
}

func (e *riverEngine[TTx]) stop(ctx context.Context) error {
	defer e.close()
	return e.client.StopAndCancel(ctx)
}

// quiet drops what River says of its daily business.
type quiet struct{ slog.Handler }

// Enabled implements [slog.Handler].
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

// WithAttrs implements [slog.Handler].
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup implements [slog.Handler].
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
