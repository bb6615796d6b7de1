package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"tokenconsole/internal/config"
)

// reason is err without its URL, which holds parameters.
func reason(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return err.Error()
}

// reach says how to mend that base, which setting names, cannot be reached.
func reach(base, setting string, err error) string {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "the name does not resolve: check GENESYS_REGION and " + setting + ", and this machine's DNS (/etc/resolv.conf)"
	}
	if untrusted(err) {
		return "the certificate is not trusted: if a proxy breaks TLS open, add its authority to this machine's trust store " +
			"(or name the file in SSL_CERT_FILE); else you may not be talking to " + host(base)
	}
	if errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "Timeout") {
		return "nothing came back: let this machine out to " + host(base) + " in the firewall, or set HTTPS_PROXY"
	}
	return "let this machine out to " + host(base) + " in the firewall, or set HTTPS_PROXY; check " + setting
}

func untrusted(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.UnknownAuthorityError](err)
	return ok
}

func host(base string) string {
	if u, err := url.Parse(base); err == nil {
		return u.Host
	}
	return base
}

// public looks at the address that browsers use, and at the one to listen on.
func (e *examination) public(ctx context.Context) {
	public := e.Config.PublicURL
	if public.Scheme != "https" && config.Reachable(net.JoinHostPort(public.Hostname(), "0")) {
		e.warn("browsers come to "+public.String()+" in plain http", "put TLS in front and give an https CONSOLE_PUBLIC_URL")
	}
	running := e.listening(ctx)
	e.metrics(ctx, running)
	resp, err := e.get(ctx, public.String()+"/healthz")
	_, unresolved := errors.AsType[*net.DNSError](err)
	switch {
	case unresolved:
		e.fail("the name of "+public.String()+" does not resolve here", "enter it in the DNS, or check CONSOLE_PUBLIC_URL")
	case err != nil && untrusted(err):
		e.fail("browsers would not trust "+public.String()+": "+reason(err),
			"give the proxy in front a certificate for that name; if your own authority signed it, add that to this machine's trust store "+
				"(or name its file in SSL_CERT_FILE)")
	case err != nil:
		e.warn("nothing answers at "+public.String()+" yet: "+reason(err), "start the console, or the proxy in front of it")
	case running && resp.StatusCode != http.StatusOK:
		e.fail(fmt.Sprintf("%s answers %s, and the console runs", public, resp.Status),
			"let the proxy in front pass requests on to "+e.Config.Addr)
	default:
		e.ok(public.String() + " resolves and answers")
	}
	if public.Scheme == "https" && len(e.Config.TrustedProxies) == 0 {
		e.warn("no proxy is trusted, so the record will name the proxy's address as everybody's",
			"set CONSOLE_TRUSTED_PROXIES to the proxy's address, such as 127.0.0.1")
	}
}

// listening reports whether the console runs already at the address to listen on; anybody else there is a Failure.
func (e *examination) listening(ctx context.Context) bool {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", e.Config.Addr)
	if err == nil {
		_ = listener.Close()
		e.ok(e.Config.Addr + " is free to listen on")
		return false
	}
	_, port, _ := net.SplitHostPort(e.Config.Addr)
	resp, asked := e.get(ctx, "http://"+net.JoinHostPort("127.0.0.1", port)+"/healthz")
	if asked == nil && resp.StatusCode == http.StatusOK {
		e.ok("a console runs at " + e.Config.Addr)
		return true
	}
	e.fail("cannot listen at "+e.Config.Addr+": "+reason(err), "give CONSOLE_ADDR another address, or end what listens there")
	return false
}

// metrics looks at the address for the metrics. A console that runs has it already.
func (e *examination) metrics(ctx context.Context, running bool) {
	addr := e.Config.MetricsAddr
	if addr == "" || running {
		return
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		e.fail("cannot listen at "+addr+" for the metrics: "+reason(err), "give CONSOLE_METRICS_ADDR another address, or end what listens there")
		return
	}
	_ = listener.Close()
	e.ok(addr + " is free for the metrics")
}
