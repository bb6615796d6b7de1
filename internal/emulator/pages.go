package emulator

import (
	"bytes"
	"embed"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
)

//go:embed style.css
var style embed.FS

// render writes a page, whole or not at all.
func render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		http.Error(w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy",
		"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// explain shows an error page, where redirecting would not be safe.
func (e *Emulator) explain(w http.ResponseWriter, r *http.Request, status int, words string) {
	render(w, r, status, errorPage(words, w.Header().Get(correlationHeader)))
}

// chooser is the page that asks who signs in.
type chooser struct {
	Title        string
	Client       string
	Organization string
	Problem      string
	Action       string
	First, Rest  []choice
}

// front is the page that says what the emulator is.
type front struct {
	Organization string
	People       []choice
	Others       int
	Customer     named
}

// choice is one person's button.
type choice struct {
	Name, Email, May string
}

// showPeople shows the chooser: first the three named people and the person that
// the request hints at, then everybody else, folded away.
func (e *Emulator) showPeople(w http.ResponseWriter, r *http.Request, a authorizeRequest, problem string) {
	page := chooser{
		Title: "Choose who signs in", Client: a.client.name, Organization: e.people.organization.Name,
		Problem: problem, Action: "/oauth/authorize?" + r.URL.RawQuery,
	}
	status := http.StatusOK
	if problem != "" {
		status = http.StatusBadRequest
	}
	if a.provider != "" {
		page.Title = "Choose who signs in with " + a.provider
		page.Organization = a.org
	}
	if a.target == e.customer.organization.ID {
		page.Organization = e.customer.organization.Name
	}
	hinted := e.hinted(a)
	if hinted != nil && hinted.active() {
		page.First = e.offer(page.First, hinted, a)
	}
	for i, p := range append(slices.Clone(e.people.people), e.people.trustee) {
		switch {
		case !p.active() || p == hinted:
		case i < 3:
			page.First = e.offer(page.First, p, a)
		default:
			page.Rest = e.offer(page.Rest, p, a)
		}
	}
	render(w, r, status, chooserPage(page))
}

// offer adds p to choices if p may work in the organization of the request.
func (e *Emulator) offer(choices []choice, p *person, a authorizeRequest) []choice {
	worker := e.working(p, a.target)
	if worker == nil {
		return choices
	}
	return append(choices, choiceOf(worker))
}

func choiceOf(p *person) choice {
	c := choice{Name: p.name, Email: p.email}
	switch {
	case len(p.permissions) == len(permissions):
		c.May = "all permissions"
	case len(p.permissions) > 0:
		c.May = strings.Join(p.permissions, ", ")
	default:
		c.May = "no permissions"
	}
	if p.trusteeOf != "" {
		c.May = "trustee from " + p.home.Name + ", " + c.May
	}
	return c
}
