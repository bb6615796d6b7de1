package handlers

import (
	"errors"
	"mime"
	"net/http"
	"path"
	"strings"
)

// elsewhere says that a page is asked for under another host name than ours.
type elsewhere struct{ url string }

func (e *elsewhere) Error() string { return "asked for under another host name" }

// admit lets a request through to the routes, or says why not.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
		return nil
	}
	if err := s.checkHost(r); err != nil {
		return err
	}
	if clean := path.Clean(r.URL.Path); clean != r.URL.Path && clean+"/" != r.URL.Path || strings.Contains(r.URL.Path, "//") {
		return errBadPath
	}
	if safe(r.Method) {
		return nil
	}
	if err := s.checkOrigin(r); err != nil {
		return err
	}
	return readForm(w, r)
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// checkHost leads requests for another host name to the public one, since
// cookies, redirect URI and Origin all depend on it.
func (s *Server) checkHost(r *http.Request) error {
	if r.Host == s.options.PublicURL.Host {
		return nil
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		target := *s.options.PublicURL
		target.Path, target.RawPath, target.RawQuery = r.URL.Path, r.URL.RawPath, r.URL.RawQuery
		return &elsewhere{target.String()}
	}
	return errMisdirected
}

var crossOrigin = http.NewCrossOriginProtection()

// checkOrigin guards requests that change something. On top of what the
// standard library refuses, a browser must have said where the request comes
// from, and an Origin, when sent, must be exactly ours.
func (s *Server) checkOrigin(r *http.Request) error {
	origin, site := r.Header.Values("Origin"), r.Header.Values("Sec-Fetch-Site")
	if len(origin) == 0 && len(site) == 0 || len(origin) > 1 || len(site) > 1 {
		return errCrossOrigin
	}
	if len(origin) == 1 && origin[0] != s.options.PublicURL.String() || len(site) == 1 && site[0] != "same-origin" {
		return errCrossOrigin
	}
	if err := crossOrigin.Check(r); err != nil {
		return errCrossOrigin
	}
	return nil
}

// readForm reads the body of a request that changes something: a form of at
// most maxBody bytes in which no field comes twice.
func readForm(w http.ResponseWriter, r *http.Request) error {
	if len(r.TransferEncoding) > 0 {
		// Browsers send a form's length. What comes in chunks, perhaps beside a
		// length, is framed to be read differently by something in between.
		w.Header().Set("Connection", "close")
		return errLength
	}
	if r.ContentLength != 0 {
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
			return errMediaType
		}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return errTooLarge
		}
		return errBadForm
	}
	for _, values := range r.PostForm {
		if len(values) > 1 {
			return errBadForm
		}
	}
	return nil
}
