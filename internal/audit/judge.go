package audit

import (
	"errors"
	"fmt"

	"tokenconsole/internal/signing"
)

// judge compares the tree that was walked over with what was signed, here and elsewhere.
func (w *walk) judge(h head) {
	w.report.Size, w.report.Signed = h.size, h.size
	if h.pruned > w.through {
		w.report.fault(faultf(h.pruned, "retention is said to have removed entries up to %d, and no pruning on the "+
			"record goes that far", h.pruned))
	}
	for _, m := range w.missing {
		if m.last > w.through {
			w.report.fault(missing(max(m.first, w.through+1), m.last))
		}
	}
	for _, b := range w.untimed {
		if b.last > w.through {
			w.report.fault(falseTimes(b.first, b.last))
		}
	}
	truth, signed := w.signed(h)
	for _, seq := range w.mismatched {
		f := changed(seq)
		if signed && truth == &w.bodies {
			f.Words = fmt.Sprintf("the tree's hash of entry %d was changed; the entry is the one that was signed", seq)
		}
		w.report.fault(f)
	}
	w.report.MoreFaults += w.moreMismatched
	fits := w.judgeKept(truth)
	if !signed && h.size > 0 && h.checkpoint != "" {
		w.report.fault(faultf(fits+1, "the record was rewritten after entry %d: its %d entries are not those that "+
			"were signed", fits, h.size))
	}
}

// signed checks the signed end of the record, and says which tree it belongs to: that of the stored hashes, or that
// of the entries as they are.
func (w *walk) signed(h head) (truth *edge, signed bool) {
	truth = &w.stored
	if h.size == 0 && h.checkpoint == "" {
		return truth, false
	}
	c, err := w.open1(h.checkpoint)
	if err != nil {
		w.report.fault(badEnd(h.size, err))
		if c.Size == 0 {
			return truth, false
		}
	} else {
		w.report.Signed = max(w.report.Signed, c.Size)
	}
	w.report.Key = c.Key
	if c.Size != h.size {
		w.report.fault(faultf(c.Size, "the end of the record was moved from entry %d to entry %d", c.Size, h.size))
		return truth, true // so much is told already
	}
	if w.diverged && w.bodies.root() == c.Root {
		truth = &w.bodies
	}
	w.report.Root = truth.root().String()
	return truth, truth.root() == c.Root
}

// judgeKept checks the checkpoints that were kept elsewhere and returns the size of the largest that fits.
func (w *walk) judgeKept(truth *edge) (fits int64) {
	for _, k := range w.kept {
		root, seen := k.stored, k.seen
		if truth == &w.bodies {
			root = k.bodies
		}
		switch {
		case k.err != nil:
			w.report.fault(faultf(0, "the checkpoint %s %s", k.name, k.err))
		case !seen:
			w.report.Signed = max(w.report.Signed, k.Size)
			w.report.fault(faultf(w.stored.size+1, "the record was cut off after entry %d: the checkpoint %s knows "+
				"%d entries", w.stored.size, k.name, k.Size))
		case root != k.Root:
			w.report.fault(faultf(fits+1, "the record was rewritten: among the entries after %d and up to %d is one "+
				"that was another when the checkpoint %s was signed", fits, k.Size, k.name))
		default:
			w.report.Checkpoints = append(w.report.Checkpoints, k.name)
			fits = k.Size
		}
	}
	return fits
}

var errUnchecked = errors.New("was not checked, as no public key was given")

// open1 reads a checkpoint. One that is not signed as it should be is returned beside the error if it can be read at
// all.
func (w *walk) open1(text string) (signing.Checkpoint, error) {
	c, err := signing.Open(text, w.log.public)
	if err == nil {
		return c, nil
	}
	c, readErr := signing.Read(text)
	if readErr != nil {
		return signing.Checkpoint{}, readErr
	}
	if len(w.log.public) == 0 {
		err = errUnchecked
	}
	return c, err
}

func missing(first, last int64) Fault {
	if first == last {
		return faultf(first, "entry %d is missing, and no pruning on the record covers it", first)
	}
	return faultf(first, "entries %d to %d are missing, and no pruning on the record covers them", first, last)
}
