package database

import (
	"os"
	"time"
)

// stillness is how long nothing must have been written before a Moment says anything: a change that has just been
// written to the file may be on its way to its readers for as long.
const stillness = time.Second

// Moment tells whether a SQLite database was written between two looks at it. It is comparable.
type Moment struct {
	written time.Time
	size    int64
}

// Moment is when the database was last written. While the same one comes back, nobody wrote anything, in this process or
// another. It is false where something was written a moment ago, and on PostgreSQL. It asks the file system alone.
func (db *DB) Moment() (Moment, bool) {
	if db.file == nil {
		return Moment{}, false
	}
	info, err := os.Stat(db.file.path + companions[1])
	if err != nil || time.Since(info.ModTime()) < stillness {
		return Moment{}, false
	}
	return Moment{info.ModTime(), info.Size()}, true
}
