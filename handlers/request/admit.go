package request

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// MaxForm bounds the body of a posted form, in bytes.
const MaxForm = 64 << 10

// A Refusal is the code of a request that is not let in. The words of its page
// follow from it.
type Refusal string

// Why a request is refused before any page sees it.
const (
	PathOdd          Refusal = "path-odd"           // a form of path that the console does not use
	CrossOrigin      Refusal = "cross-origin"       // not sent by one of the console's own pages
	Misdirected      Refusal = "misdirected"        // for another host
	FormUnreadable   Refusal = "form-unreadable"    // damaged, or with a field twice
	FormTooLarge     Refusal = "form-too-large"     // over MaxForm
	FormWrongType    Refusal = "form-wrong-type"    // not application/x-www-form-urlencoded
	FramingOdd       Refusal = "framing-odd"        // a body in chunks, which browsers do not send
	LoadedAhead      Refusal = "loaded-ahead"       // a browser's guess that its person will ask for it
	PageUnknown      Refusal = "page-unknown"       // no such path
	MethodNotAllowed Refusal = "method-not-allowed" // the path exists, for other methods
)

func (r Refusal) Error() string { return string(r) }

// Elsewhere says that a page was asked for under another host name than the
// public one, and where it is.
type Elsewhere struct{ URL string }

func (e *Elsewhere) Error() string { return "asked for under another host name" }

// Admit lets a request through to the routes, or says why not: a Refusal or an
// *Elsewhere. public is scheme and host that browsers see. A form that is let
// through has been parsed, unless the route uploads: its form is for ReadUpload.
func Admit(v *Visit, public *url.URL, uploads bool) error {
	r := v.Request
	if !r.ProtoAtLeast(1, 1) {
		// HTTP/1.0 has no chunks, and what a proxy in front takes for them would be
		// read here as the next request.
		v.Writer.Header().Set("Connection", "close")
	}
	if len(r.TransferEncoding) > 0 {
		// Browsers send a form's length. What comes in chunks, perhaps beside a
		// length, is framed to be read differently by something in between.
		v.Writer.Header().Set("Connection", "close")
		return FramingOdd
	}
	if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
		return nil
	}
	if err := checkHost(r, public); err != nil {
		return err
	}
	if clean := path.Clean(r.URL.Path); clean != r.URL.Path && clean+"/" != r.URL.Path || strings.Contains(r.URL.Path, "//") {
		return PathOdd
	}
	if ahead := strings.HasPrefix(r.Header.Get("Sec-Purpose"), "prefetch"); ahead && !strings.HasPrefix(r.URL.Path, "/static/") {
		return LoadedAhead
	}
	if v.Safe() {
		return nil
	}
	if err := checkOrigin(r, public); err != nil {
		return err
	}
	most := int64(MaxForm)
	if uploads {
		most = MaxUpload
	}
	if r.ContentLength > most {
		v.Writer.Header().Set("Connection", "close") // what is announced is not waited for
		return FormTooLarge
	}
	r.Body = http.MaxBytesReader(v.Writer, r.Body, most)
	if uploads {
		return nil
	}
	return readForm(v)
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// checkHost leads pages asked for under another host name to the public one:
// cookies, redirect URI and Origin all depend on it.
func checkHost(r *http.Request, public *url.URL) error {
	if r.Host == public.Host {
		return nil
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		target := *public
		target.Path, target.RawPath, target.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
		return &Elsewhere{target.String()}
	}
	return Misdirected
}

var crossOrigin = http.NewCrossOriginProtection()

// checkOrigin guards requests that change something. Beyond what the standard
// library refuses, the browser must say where the request comes from, and an
// Origin, when sent, must be exactly the public one.
func checkOrigin(r *http.Request, public *url.URL) error {
	origin, site := r.Header.Values("Origin"), r.Header.Values("Sec-Fetch-Site")
	switch {
	case len(origin) == 0 && len(site) == 0, len(origin) > 1, len(site) > 1,
		len(origin) == 1 && origin[0] != public.String(),
		len(site) == 1 && site[0] != "same-origin",
		crossOrigin.Check(r) != nil:
		return CrossOrigin
	}
	return nil
}

// Ticked is the only field that may come more than once in a form: the steps that were ticked.
const Ticked = "steps"

// maxTicked bounds how many there may be.
const maxTicked = 10

// readForm reads the body of a request that changes something: a form in which
// no field but Ticked comes twice.
func readForm(v *Visit) error {
	r := v.Request
	if r.ContentLength != 0 {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || kind != "application/x-www-form-urlencoded" {
			return FormWrongType
		}
	}
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return FormTooLarge
		}
		return FormUnreadable
	}
	for name, values := range r.PostForm {
		if len(values) > 1 && (name != Ticked || len(values) > maxTicked) {
			return FormUnreadable
		}
	}
	return nil
}
