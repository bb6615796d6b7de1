package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// ErrReplaced reports that the database file is not the one that was opened: what is written now would be lost. It
// stays so until the file is back or the program is started again.
var ErrReplaced = errors.New("the database file was deleted, moved or replaced under the running console")

// walLimit is how large the write-ahead file may get before a writer waits a moment for it to be emptied, in bytes.
// Without waiting, readers that follow each other closely would keep it growing.
const walLimit = 16 << 20

const (
	shortenFor   = 500 * time.Millisecond
	shortenAgain = time.Second // after it was tried in vain
	// A try waits a little for readers to end. Waiting once for long would not do: SQLite does not see that the
	// readers whom it waits for have ended when others have followed them.
	shortenTry = "PRAGMA busy_timeout = 60"
)

// file is a SQLite file and its companions as they were when they were opened.
type file struct {
	path   string
	opened map[string]os.FileInfo
	// kept is a connection that is never given back: SQLite deletes the companions with its last one, and would make
	// others. It is used to shorten the write-ahead file.
	kept *sql.Conn
	// ahead is the write-ahead file, to be asked when it was written. SQLite locks other files.
	ahead *os.File

	mu     sync.Mutex
	inVain time.Time // when it was last tried to shorten the write-ahead file
}

var companions = []string{"", "-wal", "-shm"}

// remember notes which files are open now.
func (f *file) remember(ctx context.Context, db *sql.DB) (err error) {
	if f.kept, err = db.Conn(ctx); err != nil {
		return fmt.Errorf("opening the database file %s: %w", f.path, err)
	}
	// SQLite opens the companions when they are first needed.
	if _, err := f.kept.ExecContext(ctx, "SELECT count(*) FROM sqlite_schema"); err != nil {
		return fmt.Errorf("reading the database file %s: %w", f.path, err)
	}
	if _, err := f.kept.ExecContext(ctx, shortenTry); err != nil {
		return fmt.Errorf("opening the database file %s: %w", f.path, err)
	}
	f.opened = map[string]os.FileInfo{}
	for _, suffix := range companions {
		info, err := os.Stat(f.path + suffix)
		if err != nil {
			return fmt.Errorf("looking at the database file: %w", err)
		}
		f.opened[suffix] = info
	}
	if f.ahead, err = os.Open(f.path + companions[1]); err != nil {
		return fmt.Errorf("looking at the database file: %w", err)
	}
	return nil
}

func (f *file) release() error {
	if f.kept == nil {
		return nil
	}
	var err error
	if f.ahead != nil {
		err = f.ahead.Close()
	}
	return errors.Join(err, f.kept.Close())
}

// check returns ErrReplaced when one of the files is not the one that was opened.
func (f *file) check() error {
	for _, suffix := range companions {
		info, err := os.Stat(f.path + suffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("looking at the database file: %w", err)
		}
		if err != nil || !os.SameFile(info, f.opened[suffix]) {
			return fmt.Errorf("%w: %s", ErrReplaced, f.path+suffix)
		}
	}
	return nil
}

// stamp is when the file itself was last written, and its size.
func (f *file) stamp() string {
	info, err := os.Stat(f.path)
	if err != nil {
		return "missing"
	}
	return fmt.Sprintf("%d-%d", info.ModTime().UnixNano(), info.Size())
}

// shorten empties the write-ahead file when it has become long. A reader may be in the way for longer than this
// tries: then the file grows on, and a later writer tries again.
func (f *file) shorten(ctx context.Context) {
	info, err := os.Stat(f.path + "-wal")
	if err != nil || info.Size() <= walLimit || !f.mu.TryLock() {
		return
	}
	defer f.mu.Unlock()
	if time.Since(f.inVain) < shortenAgain {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, shortenFor)
	defer cancel()
	for ctx.Err() == nil {
		var busy, frames, moved int
		err := f.kept.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
		switch {
		case err == nil && busy == 0:
			return
		case err != nil:
			cancel()
		}
		time.Sleep(time.Millisecond) // where another process is at it, SQLite does not wait at all
	}
	f.inVain = time.Now()
}
