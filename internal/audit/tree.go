package audit

import (
	"golang.org/x/mod/sumdb/tlog"
)

// edge is the right edge of a Merkle tree: the roots of its complete subtrees, the largest first. It is all that is
// needed to add leaves and to tell the root.
type edge struct {
	size  int64
	roots []tlog.Hash
}

// add appends a leaf and returns the hashes that the tree has gained with it, by level: the leaf's own, and that of
// every subtree that it completes.
func (e *edge) add(leaf tlog.Hash) []tlog.Hash {
	gained := []tlog.Hash{leaf}
	for left := e.size; left&1 == 1; left >>= 1 {
		last := len(e.roots) - 1
		leaf = tlog.NodeHash(e.roots[last], leaf)
		e.roots = e.roots[:last]
		gained = append(gained, leaf)
	}
	e.roots = append(e.roots, leaf)
	e.size++
	return gained
}

// root is the hash over the whole tree, which must not be empty.
func (e *edge) root() tlog.Hash {
	last := len(e.roots) - 1
	root := e.roots[last]
	for i := last - 1; i >= 0; i-- {
		root = tlog.NodeHash(e.roots[i], root)
	}
	return root
}

func (e *edge) clone() edge { return edge{e.size, append(make([]tlog.Hash, 0, 64), e.roots...)} }

// A place names a stored hash: that of the complete subtree of 2^level leaves whose last leaf is entry seq.
type place struct {
	seq   int64
	level int
}

// edgePlaces are where the roots of a tree of size entries are stored, the largest first.
func edgePlaces(size int64) []place {
	var places []place
	end := int64(0)
	for level := 62; level >= 0; level-- {
		if size&(1<<level) != 0 {
			end += 1 << level
			places = append(places, place{end, level})
		}
	}
	return places
}

// placeOf is where this package stores what package tlog calls the hash at index.
func placeOf(index int64) place {
	level, n := tlog.SplitStoredHashIndex(index)
	return place{(n + 1) << level, level}
}

// packHashes and unpackHash are how audit_tree keeps what an entry added to the tree: one hash after the other, by
// level.
func packHashes(hashes []tlog.Hash) []byte {
	packed := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		packed = append(packed, h[:]...)
	}
	return packed
}

func unpackHash(packed []byte, level int) (tlog.Hash, bool) {
	if len(packed) < (level+1)*tlog.HashSize {
		return tlog.Hash{}, false
	}
	return tlog.Hash(packed[level*tlog.HashSize:]), true
}
