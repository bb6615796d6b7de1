// Package respond is what happens to an answer after any page: it is rendered in
// full before its first byte is sent, as a page, a problem, a notice on the next
// page, JSON or a stream, inside the shell that every page shares.
package respond
