package genesys

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestEchoIsNotTold holds that an API which repeats the token, wherever in its reply
// and at whatever length, finds nothing of it in an error (T1).
func TestEchoIsNotTold(t *testing.T) {
	t.Parallel()
	const ok, asJSON = "HTTP/1.1 200 OK\r\n", "Content-Type: application/json\r\n"
	for name, reply := range map[string]string{
		"not HTTP":             "TOKEN\r\n\r\n",
		"a long first line":    strings.Repeat("TOKEN", 2000) + "\r\n\r\n",
		"protocol":             "TOKEN 200 OK\r\n\r\n",
		"status code":          "HTTP/1.1 TOKEN OK\r\n\r\n",
		"unexpected status":    "HTTP/1.1 302 TOKEN\r\nLocation: TOKEN\r\nContent-Length: 0\r\n\r\n",
		"content type":         ok + "Content-Type: TOKEN\r\nContent-Length: 2\r\n\r\n{}",
		"media type":           ok + "Content-Type: text/TOKEN\r\nContent-Length: 2\r\n\r\n{}",
		"length":               ok + "Content-Length: TOKEN\r\n\r\n",
		"two lengths":          ok + "Content-Length: 1\r\nContent-Length: TOKEN\r\n\r\n",
		"transfer encoding":    ok + "Transfer-Encoding: TOKEN\r\n\r\n",
		"chunk":                ok + asJSON + "Transfer-Encoding: chunked\r\n\r\nTOKEN\r\n",
		"header without colon": ok + "TOKEN\r\n\r\n",
		"time":                 ok + asJSON + "Connection: close\r\n\r\n" + `{"date":{"currentDate":"TOKEN"}}`,
		"text":                 ok + asJSON + "Connection: close\r\n\r\nTOKEN",
		"error code":           "HTTP/1.1 400 Bad\r\n" + asJSON + "Connection: close\r\n\r\n" + `{"code":"TOKEN"}`,
		"code with a prefix":   "HTTP/1.1 400 Bad\r\n" + asJSON + "Connection: close\r\n\r\n" + `{"code":"x.TOKEN"}`,
		"context id":           "HTTP/1.1 400 Bad\r\n" + asJSON + "Connection: close\r\n\r\n" + `{"contextId":"TOKEN"}`,
		"correlation id":       "HTTP/1.1 400 Bad\r\nININ-Correlation-Id: TOKEN\r\nContent-Length: 0\r\n\r\n",
		"id of a garbled one":  ok + "ININ-Correlation-Id: TOKEN\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\n<",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := NewClient("http://api.example", pipeTransport(repeating(reply)))
			_, me := client.GetUsersMe(t.Context(), bearer)
			_, deleted := client.DeleteTokensMe(t.Context(), bearer)
			for operation, err := range map[string]error{"GetUsersMe": me, "DeleteTokensMe": deleted} {
				if err == nil {
					if operation == "GetUsersMe" || name != "time" { // any JSON confirms a deletion
						t.Errorf("%s took it for an answer", operation)
					}
					continue
				}
				if leaks(err.Error()) || leaks(CorrelationID(err)) || len(err.Error()) > 200 {
					t.Errorf("%s: the error says too much: %.500s", operation, err)
				}
			}
		})
	}
}

// repeating serves a connection with reply, where TOKEN stands for the bearer.
func repeating(reply string) func(net.Conn) {
	return func(conn net.Conn) {
		defer conn.Close()
		request := make([]byte, 4<<10)
		n, _ := conn.Read(request)
		_, sent, _ := strings.Cut(string(request[:n]), "Bearer ")
		sent, _, _ = strings.Cut(sent, "\r\n")
		_, _ = io.WriteString(conn, strings.ReplaceAll(reply, "TOKEN", sent))
	}
}

// TestOutside holds what is still told, and that the error itself is still found.
func TestOutside(t *testing.T) {
	t.Parallel()
	names := &x509.Certificate{DNSNames: []string{credential}}
	certificate := func(err error) error { return &tls.CertificateVerificationError{Err: err} }
	into := func(content string) error {
		var to struct {
			Name string `json:"name"`
		}
		return json.Unmarshal([]byte(content), &to)
	}
	_, noTime := time.Parse(time.RFC3339, credential)
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"too late":        {context.DeadlineExceeded, "context deadline exceeded"},
		"given up":        {context.Canceled, "context canceled"},
		"cut off":         {io.ErrUnexpectedEOF, "unexpected EOF"},
		"no such name":    {&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "api.example"}}, "lookup api.example: no such host"},
		"refused":         {&net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, "dial tcp: connect: connection refused"},
		"reset":           {&net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, "read tcp: read: connection reset by peer"},
		"slow":            {&net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}, "it took too long"},
		"another host":    {certificate(x509.HostnameError{Certificate: names, Host: "api.example"}), "the certificate is for another host"},
		"unknown issuer":  {certificate(x509.UnknownAuthorityError{Cert: names}), "the certificate is signed by an unknown authority"},
		"expired":         {certificate(x509.CertificateInvalidError{Reason: x509.Expired, Detail: credential}), "the certificate has expired or is not yet valid"},
		"bad certificate": {certificate(x509.CertificateInvalidError{Reason: x509.NoValidChains, Detail: credential}), "the certificate is not valid"},
		"no TLS":          {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, "tls: first record does not look like a TLS handshake"},
		"no JSON":         {into(credential), "the JSON is malformed at byte 2"},
		"another type":    {into(`{"name":7}`), `the JSON has another type than expected at field "name"`},
		"no time":         {noTime, "the JSON has a malformed time"},
		"anything else":   {errors.New(credential), "the connection failed, or the answer is malformed"},
	} {
		err := Outside(c.err)
		if err.Error() != c.want || !errors.Is(err, c.err) && errors.Unwrap(err) != c.err {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if Outside(nil) != nil {
		t.Error("nothing became an error")
	}
}
