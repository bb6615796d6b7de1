package audit

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"tokenconsole/internal/database"
	"tokenconsole/internal/signing"
)

// patience bounds the writing of an entry, waiting for other writers included.
const patience = 3 * time.Second

// Options are what a Log is made of.
type Options struct {
	DB     *database.DB
	Keys   []signing.Key       // newest first: the first signs, all are believed; none for a log that is only read
	Public []signing.PublicKey // other keys to believe
	Log    *slog.Logger
	Now    func() time.Time
	// Appended is told of every entry that was put on the record, and how long that took; nil for nobody.
	Appended func(Entry, time.Duration)
}

// Log is the record; it is safe for concurrent use, also by several processes on one database.
type Log struct {
	db       *database.DB
	names    *names
	log      *slog.Logger
	now      func() time.Time
	keys     []signing.Key
	public   []signing.PublicKey
	appended func(Entry, time.Duration)
	writer   chan struct{} // taken while this process appends: a fair queue, where SQLite's own lock is polled
	mu       sync.Mutex    // guards trusted; only the writer changes it
	trusted  trust
	stamp    string                // of the database file when it was last read afresh; the writer's
	broken   atomic.Pointer[Fault] // the first fault found; it stays
	failing  atomic.Pointer[error] // why the last attempt to write failed, nil if it did not
	probed   atomic.Int64          // when a probe last succeeded, in nanoseconds
	probes   singleflight.Group
	looks    looks
}

// New returns the record kept in o.DB. Each entry appended is also written to o.Log as one line; o.Now tells the
// time. Start checks the record; without it the first entry does.
func New(o Options) *Log {
	l := &Log{db: o.DB, names: newNames(o.DB), log: o.Log, now: o.Now, keys: o.Keys, writer: make(chan struct{}, 1), looks: looks{turn: make(chan struct{}, 1)}}
	if l.appended = o.Appended; l.appended == nil {
		l.appended = func(Entry, time.Duration) {}
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.now == nil {
		l.now = time.Now
	}
	for _, k := range o.Keys {
		l.public = append(l.public, k.Public())
	}
	l.public = append(l.public, o.Public...)
	return l
}

// Start checks that the end of the record is signed by a key of this console and fits the newest entries. A
// *BrokenError says that it does not; any other error, that the database did not answer.
func (l *Log) Start(ctx context.Context) error {
	return l.locked(ctx, func(*sql.Tx, head) (func(), error) { return nil, errUnchanged })
}

// Fault returns what this process has found to be broken, or nil. Nothing is written any more then.
func (l *Log) Fault() *Fault { return l.broken.Load() }

// breaks keeps the first fault and returns it as an error.
func (l *Log) breaks(f Fault) error {
	if l.broken.CompareAndSwap(nil, &f) {
		l.log.Error("the record is broken: nothing is done any more until it is mended and the console started again",
			"seq", f.Seq, "fault", Visible(f.Words))
	}
	return &BrokenError{*l.broken.Load()}
}

// head is the row that holds the end of the record.
type head struct {
	size       int64
	checkpoint string
	pruned     int64
}

// errUnchanged ends a transaction that had nothing to write.
var errUnchanged = errors.New("nothing to write")

// locked runs change in a transaction that has the record to itself: among this process's writers, and among all
// others through the lock of the head. The record's end has then been found to continue what this process knows. When
// change succeeds it commits and then calls what change returned.
func (l *Log) locked(ctx context.Context, change func(tx *sql.Tx, h head) (committed func(), err error)) error {
	err := l.lockedOnce(ctx, change)
	switch {
	case err == nil:
		l.failing.Store(nil)
	case ctx.Err() == nil && !errors.Is(err, errNonsense): // else it says nothing of the database
		l.failing.Store(&err)
	}
	return err
}

func (l *Log) lockedOnce(ctx context.Context, change func(tx *sql.Tx, h head) (func(), error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ctx, leave, err := l.db.Turn(ctx) // first of all, so that it comes in the order in which all writers came
	if err != nil {
		return err
	}
	defer leave()
	exit, err := l.enter(ctx)
	if err != nil {
		return err
	}
	defer exit()
	if err := l.lookAgain(ctx); err != nil {
		return err
	}
	tx, err := l.db.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	h, err := l.lockHead(ctx, tx)
	if err != nil {
		return err
	}
	if err := l.follow(ctx, tx, h); err != nil {
		return err
	}
	committed, err := change(tx, h)
	if errors.Is(err, errUnchanged) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if err := l.db.Check(); err != nil {
		return err // nobody will read what was written
	}
	committed()
	return nil
}

// enter waits until no other writer of this process is at work, and refuses what is broken.
func (l *Log) enter(ctx context.Context) (leave func(), err error) {
	select {
	case l.writer <- struct{}{}:
		leave = func() { <-l.writer }
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if f := l.broken.Load(); f != nil {
		leave()
		return nil, &BrokenError{*f}
	}
	return leave, nil
}

// lookAgain reads the end of the record past all caches when the database file was written, be it by this process.
// SQLite would not notice that its file was overwritten in place, and go on with what it remembers.
func (l *Log) lookAgain(ctx context.Context) error {
	if err := l.db.Check(); err != nil {
		return err
	}
	stamp := l.db.Stamp()
	if stamp == l.stamp {
		return nil
	}
	fresh := l.db.Fresh()
	defer func() { _ = fresh.Close() }()
	h, err := l.readHead(ctx, fresh)
	if err != nil {
		return err
	}
	if err := l.follow(ctx, fresh, h); err != nil {
		return err
	}
	if err := l.checkRecent(ctx, fresh); err != nil {
		return err
	}
	l.stamp = stamp
	return nil
}
