package database

import "time"

// How long nothing must have been written before a Moment says anything: a change that has just been written to the file
// may be on its way to its readers, and another may have the same time.
const (
	stillness = 250 * time.Millisecond
	// rounded is for file systems that tell times in whole milliseconds or seconds: FAT has two of them.
	rounded = 2 * time.Second
)

// Moment tells whether a SQLite database was written between two looks at it. It is comparable.
type Moment struct {
	written time.Time
	size    int64
}

// Moment is when the database was last written. While the same one comes back, nobody wrote anything, in this process or
// another. It is false where something was written a moment ago, and on PostgreSQL. It asks the file system alone, about the
// open file: by its path that takes three times as long.
func (db *DB) Moment() (Moment, bool) {
	if db.file == nil {
		return Moment{}, false
	}
	info, err := db.file.ahead.Stat()
	if err != nil || time.Since(info.ModTime()) < settled(info.ModTime()) {
		return Moment{}, false
	}
	return Moment{info.ModTime(), info.Size()}, true
}

// settled is how long after a file was written at t nobody can have written it at t again.
func settled(t time.Time) time.Duration {
	if t.Nanosecond()%int(time.Millisecond) == 0 {
		return rounded
	}
	return stillness
}
