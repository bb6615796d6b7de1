package audit

import "time"

// maxFaults is how many faults a report names.
const maxFaults = 100

// Report is what a walk over the whole record found. The record is whole when Faults is empty.
type Report struct {
	Size        int64     // entries that were ever written, as the record has it
	Signed      int64     // entries that were ever written, as signatures have it: Size, or more when some were cut off
	Root        string    // of the tree over them, base64
	Entries     int64     // of these, those whose bodies are still there
	OpenCount   int64     // of these, Asked ones that nothing has closed
	Open        []int64   // the first hundred of them
	People      int64     // spellings of people that were checked
	Prunings    []Pruning // the newest that are on the record, oldest first
	Key         string    // name and hash of the key that signed the end of the record
	Checkpoints []string  // names of the kept checkpoints that the record fits
	Faults      []Fault   // the first hundred
	MoreFaults  int64     // how many others there are
}

// Pruning is a pruning that the record tells of.
type Pruning struct {
	First, Through int64     // the entries it removed
	Before         time.Time // they were written before
	Seq            int64     // the entry that recorded it
	At             time.Time
}

// Kept is a checkpoint that was kept elsewhere.
type Kept struct{ Name, Text string }

func (r *Report) fault(f Fault) {
	if len(r.Faults) < maxFaults {
		r.Faults = append(r.Faults, f)
		return
	}
	r.MoreFaults++
}

// maxPrunings is how many prunings a report names.
const maxPrunings = 20

func (r *Report) pruning(e Entry) {
	first := int64(1)
	if n := len(r.Prunings); n > 0 {
		first = r.Prunings[n-1].Through + 1
	}
	r.Prunings = append(r.Prunings, Pruning{first, e.Pruned.Through, e.Pruned.Before, e.Seq, e.At})
	if len(r.Prunings) > maxPrunings {
		r.Prunings = append(r.Prunings[:0:0], r.Prunings[1:]...)
	}
}
