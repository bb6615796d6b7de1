package audit

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"tokenconsole/internal/signing"
)

// BatchReader reads the entries of one batch as the record signs them. It believes no column and no index: it reads every
// entry since the batch's first, whatever it is filed under, and holds them against the signed root. So nobody who can
// only write the database can add an entry to it, change one or hide one, however old it is. It is not safe for
// concurrent use.
type BatchReader struct {
	log                   *Log
	organizationID, batch string
	mark                  []byte // stands in the body of each of its entries
	at                    edge   // of the tree, as far as it was read
	begun                 bool
}

// readerPart is how many entries are read at a time.
const readerPart = 2000

// Batches returns the ids of all batches that were prepared by what the record lists, the first first, whosever they are.
func (l *Log) Batches(ctx context.Context) (ids []string, err error) {
	const query = "SELECT batch FROM audit_acts WHERE batch <> '' AND action = ? AND outcome = ? GROUP BY batch ORDER BY min(seq)"
	rows, err := l.db.QueryContext(ctx, l.db.Rebind(query), PrepareBatch, Done)
	if err != nil {
		return nil, fmt.Errorf("looking for batches on the record: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("looking for batches on the record: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("looking for batches on the record: %w", err)
	}
	return ids, nil
}

// ReadBatch returns a reader that stands before the first entry of a batch of an organization.
func (l *Log) ReadBatch(organizationID, batch string) *BatchReader {
	return &BatchReader{log: l, organizationID: organizationID, batch: batch, mark: append([]byte(`"batch":`), jsonText(batch)...)}
}

// Read calls yield with the entries of the batch that it has not read yet, oldest first. ErrNotFound: the record has
// none at all, or retention removed some; a *BrokenError: the record is not as it was written.
func (r *BatchReader) Read(ctx context.Context, yield func(Entry)) error {
	known := r.log.snapshot() // before the end is read, so that the end cannot be older
	_, c, err := r.log.signedEnd(ctx)
	if err != nil {
		return err
	}
	if c.Size < max(known.edge.size, r.at.size) {
		return r.log.breaks(faultf(c.Size+1, "the record was cut off after entry %d, or replaced by an older one: "+
			"it had reached entry %d", c.Size, max(known.edge.size, r.at.size)))
	}
	if !r.begun {
		if err := r.begin(ctx); err != nil {
			return err
		}
	}
	if r.at.size == c.Size {
		return nil
	}
	var found []Entry
	grown := r.at.clone()
	for grown.size < c.Size {
		if found, err = r.part(ctx, &grown, c, found); err != nil {
			return err
		}
	}
	if grown.root() != c.Root {
		return r.log.rewritten(c.Size)
	}
	r.at = grown
	for _, e := range found {
		yield(e)
	}
	return nil
}

const selectBatchBegin = "SELECT min(seq) FROM audit_acts WHERE batch = ? AND batch <> ''"

// begin finds the first act that is listed under the batch. Were an earlier one hidden, the one that is found would not
// be one that begins a batch.
func (r *BatchReader) begin(ctx context.Context) error {
	var first sql.NullInt64
	if err := r.log.db.QueryRowContext(ctx, r.log.db.Rebind(selectBatchBegin), r.batch).Scan(&first); err != nil {
		return fmt.Errorf("looking for the entries of a batch: %w", err)
	}
	if !first.Valid || first.Int64 < 1 {
		return ErrNotFound
	}
	hashes, err := r.log.readHashes(ctx, r.log.db, edgePlaces(first.Int64-1))
	if err != nil {
		return err
	}
	r.at, r.begun = edge{first.Int64 - 1, hashes}, true
	return nil
}

// part adds the next entries to grown, and those of the batch to found.
func (r *BatchReader) part(ctx context.Context, grown *edge, c signing.Checkpoint, found []Entry) ([]Entry, error) {
	const query = `SELECT t.seq, t.hashes, e.body FROM audit_tree t LEFT JOIN audit_entries e ON e.seq = t.seq
		WHERE t.seq > ? AND t.seq <= ? ORDER BY t.seq`
	to := min(grown.size+readerPart, c.Size)
	rows, err := r.log.db.QueryContext(ctx, r.log.db.Rebind(query), grown.size, to)
	if err != nil {
		return nil, fmt.Errorf("reading the entries of a batch: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var packed, body sql.RawBytes
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq, &packed, &body); err != nil {
			return nil, fmt.Errorf("reading the entries of a batch: %w", err)
		}
		leaf, err := r.leaf(grown.size+1, seq, packed, body)
		if err != nil {
			return nil, err
		}
		grown.add(leaf)
		if !bytes.Contains(body, r.mark) {
			continue
		}
		e, err := decode(body)
		if err != nil {
			return nil, err
		}
		if e.Batch == r.batch && e.Organization.ID == r.organizationID {
			found = append(found, e)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the entries of a batch: %w", err)
	}
	if grown.size < to {
		return nil, r.log.breaks(faultf(grown.size+1, "the tree has lost entry %d", grown.size+1))
	}
	return found, nil
}

// leaf is the hash of the entry that is to be the next.
func (r *BatchReader) leaf(next, seq int64, packed, body []byte) (tlog.Hash, error) {
	leaf, ok := unpackHash(packed, 0)
	switch {
	case seq != next || !ok:
		return tlog.Hash{}, r.log.breaks(faultf(next, "the tree has lost entry %d", next))
	case body == nil:
		return tlog.Hash{}, fmt.Errorf("entry %d is not there any more: %w", seq, ErrNotFound)
	case tlog.RecordHash(body) != leaf:
		return tlog.Hash{}, r.log.breaks(changed(seq))
	}
	return leaf, nil
}
