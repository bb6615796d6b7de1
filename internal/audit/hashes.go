package audit

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// hashReader reads the hashes of the tree for package tlog.
func (l *Log) hashReader(ctx context.Context, q querier) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		places := make([]place, len(indexes))
		for i, index := range indexes {
			places[i] = placeOf(index)
		}
		return l.readHashes(ctx, q, places)
	})
}

// readHashes reads stored hashes, in one query. One that is not there is a fault of the record.
func (l *Log) readHashes(ctx context.Context, q querier, places []place) ([]tlog.Hash, error) {
	if len(places) == 0 {
		return nil, nil
	}
	args := make([]any, len(places))
	for i, p := range places {
		args[i] = p.seq
	}
	query := "SELECT seq, hashes FROM audit_tree WHERE seq IN (?" + strings.Repeat(", ?", len(places)-1) + ")"
	rows, err := q.QueryContext(ctx, l.db.Rebind(query), args...)
	if err != nil {
		return nil, fmt.Errorf("reading the tree: %w", err)
	}
	defer func() { _ = rows.Close() }()
	packed := map[int64][]byte{}
	for rows.Next() {
		var seq int64
		var hashes []byte
		if err := rows.Scan(&seq, &hashes); err != nil {
			return nil, fmt.Errorf("reading the tree: %w", err)
		}
		packed[seq] = hashes
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the tree: %w", err)
	}
	found := make([]tlog.Hash, len(places))
	for i, p := range places {
		h, ok := unpackHash(packed[p.seq], p.level)
		if !ok {
			return nil, l.breaks(faultf(p.seq, "the tree has lost entry %d", p.seq))
		}
		found[i] = h
	}
	return found, nil
}
