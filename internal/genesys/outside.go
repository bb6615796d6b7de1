package genesys

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// Outside returns err, which comes from a connection or from a reply, with a text that
// can be logged. The text of err itself may repeat what the other end sent, at any
// length, and that may be what it was sent: a token. It is still found by errors.Is
// and errors.As.
func Outside(err error) error {
	if err == nil {
		return nil
	}
	return outside{err}
}

type outside struct{ err error }

// Unwrap returns the error as it came.
func (o outside) Unwrap() error { return o.err }

// plainly are errors whose texts are the same whatever was sent.
var plainly = []error{
	context.DeadlineExceeded, context.Canceled, io.ErrUnexpectedEOF, io.EOF, http.ErrSchemeMismatch, ErrUserID,
}

func (o outside) Error() string {
	for _, known := range plainly {
		if errors.Is(o.err, known) {
			return known.Error()
		}
	}
	if text := ofJSON(o.err); text != "" {
		return text
	}
	if text := ofTLS(o.err); text != "" {
		return text
	}
	if unresolved, ok := errors.AsType[*net.DNSError](o.err); ok {
		return unresolved.Error()
	}
	_, system := errors.AsType[syscall.Errno](o.err)
	if op, ok := errors.AsType[*net.OpError](o.err); ok && system {
		return op.Error() // refused, reset, no route
	}
	if t, ok := errors.AsType[net.Error](o.err); ok && t.Timeout() {
		return "it took too long"
	}
	return "the connection failed, or the answer is malformed"
}

// ofJSON says what is wrong with a JSON reply, or "" if err is about something else.
func ofJSON(err error) string {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("the JSON is malformed at byte %d", e.Offset)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("the JSON has another type than expected at field %q", e.Field) // a field of ours
	}
	if _, ok := errors.AsType[*time.ParseError](err); ok {
		return "the JSON has a malformed time"
	}
	return ""
}

// ofTLS says what is wrong with TLS, or "" if err is about something else. A
// certificate's names are the other end's text.
func ofTLS(err error) string {
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		return "the certificate has expired or is not yet valid"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the certificate is for another host"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "the certificate is signed by an unknown authority"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the certificate is not valid"
	}
	if e, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return e.Error()
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "remote error" || op.Op == "local error") {
		return op.Error() // an alert
	}
	return ""
}

// kindOf names the media type of a reply if it is a common one.
func kindOf(h http.Header) string {
	switch kind, _, _ := mime.ParseMediaType(h.Get("Content-Type")); kind {
	case "text/html", "text/plain", "application/json", "application/xml":
		return kind
	case "":
		return "of no kind"
	}
	return "of another kind"
}

// unlessSent returns text, or "" if it repeats one of the secrets that were sent.
func unlessSent(text string, sent ...Secret) string {
	for _, s := range sent {
		if !s.IsZero() && strings.Contains(text, s.Reveal()) {
			return ""
		}
	}
	return text
}
