package audit

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Cursor is a place between two entries of a list, and the direction to read on from there. The zero Cursor is the
// top: the newest entries. Its text fits into a URL.
type Cursor struct {
	seq   int64
	newer bool
	set   bool
}

// String is empty for the zero Cursor; otherwise ParseCursor reads it.
func (c Cursor) String() string {
	switch {
	case !c.set:
		return ""
	case c.newer:
		return fmt.Sprintf("newer-%d", c.seq)
	}
	return fmt.Sprintf("older-%d", c.seq)
}

// NewerThan is the place after entry seq, from which a list goes on towards the newest.
func NewerThan(seq int64) Cursor { return Cursor{seq, true, true} }

// IsZero reports whether c is the top of the list.
func (c Cursor) IsZero() bool { return !c.set }

// ParseCursor reads what Cursor.String wrote; the empty string is the zero Cursor.
func ParseCursor(s string) (Cursor, error) {
	if s == "" {
		return Cursor{}, nil
	}
	direction, seq, _ := strings.Cut(s, "-")
	c := Cursor{newer: direction == "newer", set: true}
	var err error
	c.seq, err = strconv.ParseInt(seq, 10, 64)
	if err != nil || c.String() != s {
		return Cursor{}, errors.New("audit: not a place in the list")
	}
	return c, nil
}
