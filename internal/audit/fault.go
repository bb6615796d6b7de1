package audit

import (
	"errors"
	"fmt"

	"tokenconsole/internal/signing"
)

var (
	// ErrNotFound reports that the record holds no such entry.
	ErrNotFound = errors.New("audit: no such entry")
	// ErrNotRecorded reports that an entry could not be put on the record. What could not be recorded was not done.
	ErrNotRecorded = errors.New("audit: could not be put on the record")
	// ErrBroken reports that the record is not as the console wrote it. Errors that wrap it are of type *BrokenError.
	ErrBroken = errors.New("audit: the record is broken")
)

// Fault is something that is not as the console wrote it.
type Fault struct {
	Seq   int64  // the entry, or the first of several; 0 when it concerns none
	Words string // a sentence without its full stop, such as "entry 5 was changed after it was written"
	// Foreign says that no key given here signed the end of the record. Then the key may be the wrong one, and the record whole.
	Foreign bool
}

func faultf(seq int64, format string, args ...any) Fault {
	return Fault{Seq: seq, Words: fmt.Sprintf(format, args...)}
}

// badEnd is that [signing.Open] did not take the end of a record of size entries.
func badEnd(size int64, err error) Fault {
	return Fault{size, "the end of the record " + err.Error(), errors.Is(err, signing.ErrUnsigned)}
}

// BrokenError is the ErrBroken that says what is wrong. Once the console has found a fault it writes nothing more
// until it is started again.
type BrokenError struct{ Fault Fault }

func (b *BrokenError) Error() string { return ErrBroken.Error() + ": " + b.Fault.Words }

// Is makes errors.Is find ErrBroken.
func (b *BrokenError) Is(target error) bool { return target == ErrBroken }
