package audit

import "golang.org/x/mod/sumdb/tlog"

// recentEntries is how many of the newest entries are compared with their hashes before every act.
const recentEntries = 1000

// trust is what this process knows of the record without asking the database.
type trust struct {
	known      bool
	checkpoint string
	edge       edge        // of the tree that the checkpoint signs
	recent     []tlog.Hash // leaf hashes of the newest entries; never changed in place
	pruned     int64       // recorded prunings cover the entries up to this one
	unread     int64       // the last entry that this process has never read, as it was there before, or others wrote it
}

// from is the seq before the first of t.recent.
func (t trust) from() int64 { return t.edge.size - int64(len(t.recent)) }

// grown is t with more leaves.
func (t trust) grown(checkpoint string, e edge, leaves ...tlog.Hash) trust {
	recent := append(t.recent, leaves...)
	if len(recent) > 2*recentEntries {
		recent = append(make([]tlog.Hash, 0, 3*recentEntries), recent[len(recent)-recentEntries:]...)
	}
	return trust{true, checkpoint, e, recent, t.pruned, t.unread}
}
