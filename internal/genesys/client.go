package genesys

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// CallTimeout is the limit of one call, from dialling to the last byte of the reply.
	CallTimeout = 10 * time.Second
	// maxReply is the largest reply that is read, in bytes.
	maxReply = 4 << 20
)

// Client calls the API of one region. It is safe for concurrent use.
type Client struct {
	base      string
	transport http.RoundTripper
	clock     atomic.Pointer[clockReading]
	limits    rateLimits
	observer  Observer // nil for none
	proof     func(token Secret, alive bool)
}

// NewTransport returns a transport for the platform. It keeps connections alive
// and limits the time of every stage of a request.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: CallTimeout,
		IdleConnTimeout:       60 * time.Second,
		MaxIdleConns:          128,
		MaxIdleConnsPerHost:   64,
		ForceAttemptHTTP2:     true,
		// The platform sends much smaller headers than this.
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// NewClient returns a client of the API at base, an origin such as
// "https://api.mypurecloud.com". Nothing here follows redirects, so a token never
// reaches another host. The transport is an *http.Transport or wraps one, not nil: its
// httptrace tells whether a request was sent.
func NewClient(base string, transport http.RoundTripper) *Client {
	return &Client{base: base, transport: transport}
}

// Receipt is the platform's answer to a call that returns nothing else.
type Receipt struct {
	Status        int
	CorrelationID string
	At            time.Time // when the answer arrived, by this machine's clock
}

// call is one request to the API.
type call struct {
	operation string // the vendor's operation name
	method    string
	path      string // below the base, already escaped
	query     url.Values
	body      any              // sent as JSON unless nil
	reply     any              // receives the JSON reply unless nil
	raw       *json.RawMessage // receives it as it came, unless nil
}

// send sends c with token as the bearer and decodes the reply. Its error is an *Error
// for an answer of 400 and above, and a *NoAnswerError for no usable answer.
func (cl *Client) send(ctx context.Context, token Secret, c call) (Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	ctx, sent := watch(ctx)
	req, err := cl.request(ctx, token, c)
	if err != nil {
		return Receipt{}, fmt.Errorf("%s: %w", c.operation, err)
	}
	// What an http.Client would add is not wanted: redirects, cookies, and URLs in errors.
	resp, err := cl.transport.RoundTrip(req)
	if err != nil {
		return Receipt{}, &NoAnswerError{Operation: c.operation, Sent: sent(), Err: Outside(err)}
	}
	defer resp.Body.Close()
	receipt := Receipt{resp.StatusCode, CorrelationHeader(resp.Header, token), time.Now()}
	cl.readClock(resp.Header, receipt)
	if limit, ok := cl.limits.read(token, resp.Header, receipt.At); ok && cl.observer != nil {
		cl.observer.RateLimit(limit.Count, limit.Allowed)
	}
	return receipt, receive(resp, token, c, receipt)
}

// receive reads the reply to c, which was sent with token. Its errors are those of send.
func receive(resp *http.Response, token Secret, c call, receipt Receipt) error {
	var content []byte
	var err error
	switch {
	case resp.StatusCode >= 400:
		return readError(c.operation, token, resp)
	case resp.StatusCode < 200 || resp.StatusCode >= 300:
		err = fmt.Errorf("unexpected status %d", resp.StatusCode)
	case c.reply == nil:
		err = drain(resp)
	default:
		content, err = decode(resp, c.reply)
	}
	if err != nil {
		return &NoAnswerError{Operation: c.operation, Sent: true, CorrelationID: receipt.CorrelationID, Err: err}
	}
	if c.raw != nil {
		*c.raw = content
	}
	return nil
}

func (cl *Client) request(ctx context.Context, token Secret, c call) (*http.Request, error) {
	var body io.Reader
	if c.body != nil {
		encoded, err := json.Marshal(c.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(encoded)
	}
	target := cl.base + c.path
	if len(c.query) > 0 {
		target += "?" + c.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, c.method, target, body)
	if err != nil {
		return nil, err
	}
	if !token.IsZero() {
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "tokenconsole")
	if c.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// drain reads a reply that should be empty, or say little. A body that is not JSON
// comes from something in between, such as the sign-in page of a guest network, and
// confirms nothing. Neither does one that is damaged or far too long.
func drain(resp *http.Response) error {
	const most = 64 << 10
	content, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return Outside(err)
	}
	switch {
	case len(content) == 0:
		return nil
	case !isJSON(resp.Header):
		return fmt.Errorf("the reply is %s where none was expected", kindOf(resp.Header))
	case len(content) > most:
		return fmt.Errorf("the reply is over %d bytes where none was expected", most)
	case !json.Valid(content):
		return errors.New("the reply is no JSON where none was expected")
	}
	return nil
}

// decode reads a JSON reply of at most maxReply bytes into reply, and returns it.
func decode(resp *http.Response, reply any) ([]byte, error) {
	if !isJSON(resp.Header) {
		return nil, fmt.Errorf("the reply is %s, not JSON", kindOf(resp.Header))
	}
	content, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return nil, Outside(err)
	}
	if len(content) > maxReply {
		return nil, fmt.Errorf("the reply is over %d bytes", maxReply)
	}
	if err := json.Unmarshal(content, reply); err != nil {
		return nil, fmt.Errorf("the reply does not read as expected: %w", Outside(err))
	}
	return content, nil
}

func isJSON(h http.Header) bool {
	given := h.Get("Content-Type")
	if given == "application/json" {
		return true // as the platform writes it: nothing to be parsed
	}
	kind, _, _ := mime.ParseMediaType(given)
	return kind == "application/json"
}

// readError reads an answer of 400 and above to what was sent with token. If the body
// is not an ErrorBody, the *Error has the status and the correlation id alone.
func readError(operation string, token Secret, resp *http.Response) error {
	e := &Error{
		Operation:     operation,
		Status:        resp.StatusCode,
		CorrelationID: CorrelationHeader(resp.Header, token),
	}
	var body struct {
		Message       string            `json:"message"`
		Code          string            `json:"code"`
		ContextID     string            `json:"contextId"`
		MessageParams map[string]string `json:"messageParams"`
	}
	content, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	// Fields that can be read count, even if others cannot.
	_ = json.Unmarshal(content, &body)
	e.Code, e.Message, e.params = unlessSent(machineCode(body.Code), token), body.Message, body.MessageParams
	if e.CorrelationID == "" {
		e.CorrelationID = unlessSent(correlationID(body.ContextID), token)
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		e.RetryAfter = parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
	}
	return e
}

// watch returns a context for a request, and a function that reports whether the request may have reached the
// platform. It cannot have if the transport never had a connection: no such name,
// no route, refused, no TLS, or given up before that.
func watch(ctx context.Context) (watched context.Context, sent func() bool) {
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	return httptrace.WithClientTrace(ctx, trace), connected.Load
}

// CorrelationHeader returns the ININ-Correlation-Id of an answer, or "", also if it
// repeats one of the secrets that were sent. The vendor's support finds a request by it.
func CorrelationHeader(h http.Header, sent ...Secret) string {
	return unlessSent(correlationID(h.Get("ININ-Correlation-Id")), sent...)
}

// machineCode returns code if it looks like an error code, and "" if not, because
// it goes to logs and to the record. One long word is rather a token.
func machineCode(code string) string {
	odd := func(r rune) bool {
		return !strings.ContainsRune("._-", r) && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	}
	if len(code) > 64 || len(code) > 40 && !strings.ContainsAny(code, "._-") || strings.ContainsFunc(code, odd) {
		return ""
	}
	return code
}

// correlationID returns id if it looks like one, and "" if not, because it is shown
// and recorded.
func correlationID(id string) string {
	odd := func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') }
	if len(id) > 64 || strings.ContainsFunc(id, odd) {
		return ""
	}
	return id
}
