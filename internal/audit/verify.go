package audit

import (
	"context"
	"fmt"
	"math"
)

// Mark names an entry by its place and its hash: keep one elsewhere, and the chain up to it can no longer change unseen.
type Mark struct {
	Seq  int64
	Hash string
}

// Break is where the chain is broken, and how that shows.
type Break struct {
	Seq int64
	Why string
}

// Chain is what a walk along the chain found.
type Chain struct {
	Entries     int64  // intact entries walked
	Open        int64  // of these, Asked ones that none of them closes
	First, Last Mark   // the first and the last intact entry walked; zero when there is none
	Pruned      Mark   // the last entry that retention removed; zero when none was
	Broken      *Break // the first fault; nil when the chain is whole
}

// Verify walks the whole chain and names its first broken entry: changed, missing, inserted or moved. It also finds what was
// cut off at the end, as long as the head the database remembers was not rewritten with it; against that, pass marks
// remembered elsewhere, such as seq and hash of a line in the log.
func (l *Log) Verify(ctx context.Context, remembered ...Mark) (Chain, error) {
	return l.verify(ctx, Mark{Seq: math.MinInt64}, remembered)
}

// VerifySince walks only the entries after known, the Last of an earlier walk. It is quick enough for every view of a page,
// and sees nothing of what changed before known.
func (l *Log) VerifySince(ctx context.Context, known Mark) (Chain, error) {
	return l.verify(ctx, known, nil)
}

func (l *Log) verify(ctx context.Context, from Mark, remembered []Mark) (Chain, error) {
	for {
		_, pruned, err := l.ends(ctx)
		if err != nil {
			return Chain{}, err
		}
		w := walk{chain: Chain{Pruned: pruned}, after: from.Seq, at: pruned, open: map[int64]bool{}, remembered: remembered}
		if from.Seq >= pruned.Seq {
			w.at = from
		}
		if err := l.walk(ctx, &w); err != nil {
			return Chain{}, fmt.Errorf("walking the audit record: %w", err)
		}
		// Retention may have removed entries from under the walk.
		if _, now, err := l.ends(ctx); err != nil || now == pruned {
			return w.chain, err
		}
	}
}

// ends reads both ends of the chain: the head, and the last entry that retention removed.
func (l *Log) ends(ctx context.Context) (head, pruned Mark, err error) {
	const query = "SELECT seq, hash, pruned_seq, pruned_hash FROM audit_chain"
	err = l.db.QueryRowContext(ctx, query).Scan(&head.Seq, &head.Hash, &pruned.Seq, &pruned.Hash)
	if err != nil {
		err = fmt.Errorf("reading the ends of the audit record: %w", err)
	}
	return head, pruned, err
}

// A walk goes along the chain; at is where it stands, after where it reads on.
type walk struct {
	chain      Chain
	after      int64
	at         Mark
	open       map[int64]bool
	remembered []Mark
}

func (l *Log) walk(ctx context.Context, w *walk) error {
	query := l.db.Rebind("SELECT " + columns + " FROM " + tables + " AND e.seq > ? ORDER BY e.seq LIMIT 1000")
	for w.chain.Broken == nil {
		// Read before the entries: an entry appended in between is then met, and not missed.
		head, _, err := l.ends(ctx)
		if err != nil {
			return err
		}
		entries, err := l.query(ctx, query, 1000, w.after)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			w.end(head)
			break
		}
		for _, e := range entries {
			if w.step(e); w.chain.Broken != nil {
				break
			}
		}
	}
	w.chain.Open = int64(len(w.open))
	return nil
}

// step goes on to e, or finds that the chain breaks there.
func (w *walk) step(e Entry) {
	switch {
	case e.Seq <= w.at.Seq:
		w.fault(e.Seq, "stands where retention had removed every entry")
	case e.Seq > w.at.Seq+1:
		w.fault(w.at.Seq+1, "is missing")
	case hash(e) != e.Hash:
		w.fault(e.Seq, "was changed after it was written")
	case e.Previous != w.at.Hash:
		w.fault(e.Seq, fmt.Sprintf("does not continue entry %d: one of the two was replaced, inserted or moved", w.at.Seq))
	default:
		w.pass(e)
	}
}

func (w *walk) pass(e Entry) {
	w.at = Mark{e.Seq, e.Hash}
	for _, r := range w.remembered {
		if r.Seq == e.Seq && r.Hash != e.Hash {
			w.fault(e.Seq, "is not the one remembered: it or one before it was rewritten")
			return
		}
	}
	if w.chain.Entries == 0 {
		w.chain.First = w.at
	}
	w.chain.Entries++
	w.chain.Last, w.after = w.at, e.Seq
	if e.Outcome == Asked {
		w.open[e.Seq] = true
	}
	delete(w.open, e.Asks)
}

// end compares where the walk ended with where it should have.
func (w *walk) end(head Mark) {
	remembered := head
	for _, r := range w.remembered {
		if r.Seq > remembered.Seq {
			remembered = r
		}
	}
	switch {
	case remembered.Seq > w.at.Seq:
		w.fault(w.at.Seq+1, fmt.Sprintf("is missing: the record was cut off, it is remembered to reach entry %d", remembered.Seq))
	case head.Seq < w.at.Seq:
		w.fault(head.Seq+1, "stands after the head of the chain: it was not written by the console")
	case head.Hash != w.at.Hash:
		w.fault(head.Seq, "is not the one that the head of the chain remembers")
	}
}

func (w *walk) fault(seq int64, why string) { w.chain.Broken = &Break{seq, why} }
