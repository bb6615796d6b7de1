// Package directory finds people of an organization by what somebody remembers
// of them: words in any order, with or without accents, or nearly right.
//
//	Query ──► as typed ──► somebody? ──► Found
//	              │ nobody
//	              ▼
//	          other spellings (accents) ──► somebody? ──► Found
//	                                             │ nobody
//	                                             ▼
//	                                         near misses
//
// Each arrow down is one more call of the platform. Whether the platform itself
// takes a letter and the same letter with an accent for equal is not known, so
// that nothing here depends on it.
package directory
