package audit

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"tokenconsole/internal/database"
	"tokenconsole/internal/genesys"
	"tokenconsole/internal/signing"
)

// A walk goes over the record block by block: blocks are read, their entries examined, and the outcome is taken in
// order. It holds a few blocks at a time, the people, and the open entries.
type walk struct {
	log    *Log
	db     *database.DB
	report Report
	stored edge // the tree as its stored leaves make it
	bodies edge // the tree as the entries make it, once the two differ
	people *people

	diverged       bool
	mismatched     []int64 // entries whose hash is not the stored one
	moreMismatched int64
	missing        []gap
	untimed        []gap // blocks that no time leads to
	open           map[int64]bool
	doubtful       map[int64]bool   // acts that seem to be listed falsely
	crowded        []gap            // blocks where more acts are listed than began there
	through        int64            // recorded prunings cover the entries up to this one
	kept           []keptCheckpoint // the smallest first
	met            int              // so many of them are of no more entries than were walked over
	counts         map[countKey]int64
	pruned         int64 // up to this entry when the walk began
}

// A gap is entries that are missing.
type gap struct{ first, last int64 }

// keptCheckpoint is a checkpoint that was kept elsewhere, and the roots that the walk had at its size.
type keptCheckpoint struct {
	signing.Checkpoint
	name           string
	err            error
	seen           bool
	stored, bodies tlog.Hash
}

func (l *Log) newWalk(ctx context.Context, db *database.DB, kept []Kept) (*walk, error) {
	w := &walk{log: l, db: db, open: map[int64]bool{}, doubtful: map[int64]bool{}, counts: map[countKey]int64{}}
	for _, k := range kept {
		c, err := w.open1(k.Text)
		w.kept = append(w.kept, keptCheckpoint{Checkpoint: c, name: k.Name, err: err})
	}
	slices.SortStableFunc(w.kept, func(a, b keptCheckpoint) int { return cmp.Compare(a.Size, b.Size) })
	var err error
	w.people, err = readPeople(ctx, db, &w.report)
	return w, err
}

// blocks walks over whole blocks: one goroutine reads, others examine, this one takes.
func (w *walk) blocks(ctx context.Context, from, to int64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // if take panics, nobody goes on reading
	group, ctx := errgroup.WithContext(ctx)
	ordered := make(chan chan examined, 3)
	group.Go(func() error {
		defer close(ordered)
		for block := from; block < to; block++ {
			c, err := w.read(ctx, w.db, block, (block+1)*blockSize)
			if err != nil {
				return err
			}
			out := make(chan examined, 1)
			select {
			case ordered <- out:
			case <-ctx.Done():
				return ctx.Err()
			}
			// No entry, whoever wrote it, may end the process.
			group.Go(func() error { return genesys.Safely(func() error { out <- w.examine(c); return nil }) })
		}
		return nil
	})
	for out := range ordered {
		select {
		case x := <-out:
			w.take(x)
		case <-ctx.Done(): // the error is the group's
		}
	}
	return group.Wait()
}

// take goes on over a block that was examined.
func (w *walk) take(x examined) {
	i := 0
	for seq := x.first; seq <= x.last; seq++ {
		var e *examinedEntry
		if i < len(x.entries) && x.entries[i].seq == seq {
			e = &x.entries[i]
			i++
		}
		w.step(seq, e, x.tree[seq-x.first])
	}
	for _, act := range x.doubtful {
		w.doubt(act)
	}
	if x.crowded {
		w.crowded = append(w.crowded, gap{x.first, x.last})
	}
	if x.untimed {
		w.untimed = append(w.untimed, gap{x.first, x.last})
	}
	for _, f := range x.faults {
		w.report.fault(f)
	}
}

// step goes on over one entry, which may be missing.
func (w *walk) step(seq int64, e *examinedEntry, packed []byte) {
	leaf, ok := unpackHash(packed, 0)
	if !ok {
		w.report.fault(faultf(seq, "the tree has lost the hash of entry %d", seq))
	}
	body := leaf
	switch {
	case e == nil && len(w.missing) > 0 && w.missing[len(w.missing)-1].last == seq-1:
		w.missing[len(w.missing)-1].last = seq
	case e == nil:
		w.missing = append(w.missing, gap{seq, seq})
	default:
		w.report.Entries++
		body = e.hash
		w.note(e, ok && body == leaf)
	}
	if !ok {
		leaf = body
	}
	if body != leaf {
		w.mismatch(seq)
	}
	w.grow(seq, leaf, body, packed)
	for ; w.met < len(w.kept) && w.kept[w.met].Size <= seq; w.met++ {
		if k := &w.kept[w.met]; k.Size == seq {
			k.seen, k.stored = true, w.stored.root()
			if k.bodies = k.stored; w.diverged {
				k.bodies = w.bodies.root()
			}
		}
	}
}

func (w *walk) mismatch(seq int64) {
	if !w.diverged {
		w.diverged, w.bodies = true, w.stored.clone()
	}
	if len(w.mismatched) < maxFaults {
		w.mismatched = append(w.mismatched, seq)
		return
	}
	w.moreMismatched++
}

// grow adds a leaf to both trees and compares the hashes that the stored one gains with those that are stored.
func (w *walk) grow(seq int64, leaf, body tlog.Hash, packed []byte) {
	if w.diverged {
		w.bodies.add(body)
	}
	gained := w.stored.add(leaf)
	for level := 1; level < len(gained); level++ {
		if h, ok := unpackHash(packed, level); len(packed) > 0 && (!ok || h != gained[level]) {
			w.report.fault(faultf(seq, "the tree's hash over the entries %d to %d was changed", seq-1<<level+1, seq))
		}
	}
	if len(packed) > len(gained)*tlog.HashSize {
		w.report.fault(faultf(seq, "the tree holds more than it should at entry %d", seq))
	}
}

// note keeps what later entries are judged by. Only an entry that is as it was written can say what was pruned.
func (w *walk) note(e *examinedEntry, intact bool) {
	if e.asked {
		w.open[e.seq] = true
	}
	delete(w.open, e.closes)
	if e.counted != nil {
		w.counts[*e.counted]++
	}
	if e.pruning.Pruned.Through > 0 && intact {
		w.through = max(w.through, e.pruning.Pruned.Through)
		if e.pruning.Outcome == Done {
			w.report.pruning(e.pruning)
		}
	}
}

func sortedKeys(m map[int64]bool) []int64 { return slices.Sorted(maps.Keys(m)) }
