package database

import (
	"strconv"
	"strings"
)

// Rebind turns the ? placeholders of query into the dialect's own ($1, $2, … on PostgreSQL). A ? inside a quoted
// string is not spared: pass such values as arguments.
func (db *DB) Rebind(query string) string {
	if db.Dialect != PostgreSQL {
		return query
	}
	var b strings.Builder
	b.Grow(len(query) + 32)
	for n := 1; ; n++ {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		query = after
	}
}
