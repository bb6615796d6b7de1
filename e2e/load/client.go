package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// load is what the client is to send, over and over.
type load struct {
	address string // host and port
	request []byte
	want    int // the status that counts as an answer
}

// figures are what came of a load.
type figures struct {
	each  []time.Duration // sorted
	bytes int             // of the last body, as sent
	took  time.Duration
}

func (f figures) perSecond() float64                 { return float64(len(f.each)) / f.took.Seconds() }
func (f figures) percentile(p float64) time.Duration { return f.each[int(float64(len(f.each)-1)*p)] }

// add has f hold what came of another load, too; its times are not sorted then.
func (f *figures) add(other figures) {
	f.each = append(f.each, other.each...)
	f.bytes = max(f.bytes, other.bytes)
	f.took += other.took
}

// drive sends l from clients connections at a time, each as fast as it is
// answered, for so long. It spends as little as it can on reading, since it runs on
// the cores that it measures.
func drive(ctx context.Context, l load, clients int, long time.Duration) (figures, error) {
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	began := time.Now()
	var mu sync.Mutex
	var all figures
	var failure error
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			each, size, err := l.repeat(ctx)
			mu.Lock()
			defer mu.Unlock()
			all.each = append(all.each, each...)
			all.bytes = max(all.bytes, size)
			failure = errors.Join(failure, err)
		})
	}
	group.Wait()
	all.took = time.Since(began)
	slices.Sort(all.each)
	if failure == nil && len(all.each) == 0 {
		failure = errors.New("nothing was answered")
	}
	return all, failure
}

// repeat sends the request over one connection until ctx ends.
func (l load) repeat(ctx context.Context) (each []time.Duration, size int, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.address)
	if err != nil {
		return nil, 0, err
	}
	defer conn.Close()
	reader := bufio.NewReaderSize(conn, 64<<10)
	for ctx.Err() == nil {
		began := time.Now()
		_ = conn.SetDeadline(began.Add(10 * time.Second))
		if _, err := conn.Write(l.request); err != nil {
			return each, size, err
		}
		if size, err = l.answer(reader); err != nil {
			return each, size, err
		}
		each = append(each, time.Since(began))
	}
	return each, size, nil
}

// every sends the request over one connection once per pause until ctx ends.
func (l load) every(ctx context.Context, pause time.Duration) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.address)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for {
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := conn.Write(l.request); err != nil {
			return err
		}
		if _, err := l.answer(reader); err != nil {
			return err
		}
		if !pauseFor(ctx, pause) {
			return nil
		}
	}
}

// answer reads one answer and returns the size of its body.
func (l load) answer(r *bufio.Reader) (int, error) {
	status, length, chunked := 0, 0, false
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch name, value, _ := bytes.Cut(line, []byte(": ")); {
		case status == 0:
			if status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return 0, err
			}
		case len(line) == 0:
			if status != l.want {
				return 0, fmt.Errorf("%s answered %d", l.address, status)
			}
			if chunked {
				return readChunks(r)
			}
			return r.Discard(length)
		case bytes.EqualFold(name, []byte("Content-Length")):
			length, _ = strconv.Atoi(string(value))
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
}

func readChunks(r *bufio.Reader) (int, error) {
	for all := 0; ; {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return all, err
		}
		size, err := strconv.ParseInt(string(bytes.TrimRight(line, "\r\n")), 16, 32)
		if err != nil {
			return all, err
		}
		if _, err := r.Discard(int(size) + 2); err != nil || size == 0 {
			return all, err
		}
		all += int(size)
	}
}

// requestOf is a browser's request, spelled out.
func requestOf(method, target, host, form string, headers ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: load\r\n", method, target, host)
	for i := 0; i < len(headers); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", textproto.CanonicalMIMEHeaderKey(headers[i]), headers[i+1])
	}
	if method == http.MethodPost {
		fmt.Fprintf(&b, "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\nContent-Length: %d\r\n", len(form))
	}
	b.WriteString("\r\n")
	_, _ = io.Copy(&b, strings.NewReader(form))
	return b.Bytes()
}
