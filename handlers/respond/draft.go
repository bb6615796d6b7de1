package respond

import (
	"cmp"
	"errors"
	"net/url"
	"strings"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/login"
	"tokenconsole/session"
)

// A DraftFate says what became of what was typed into a form that came too late. The
// address of the sign-in page carries it; "" stands for nothing that was typed.
type DraftFate string

// What became of a draft.
const (
	DraftKept DraftFate = "kept" // for after the sign-in
	DraftLost DraftFate = "lost" // as it is too long
)

// keepDraft keeps what was typed into the form of v for after the sign-in.
func (a *Responder) keepDraft(v *request.Visit) DraftFate {
	request.ReadSmall(v)
	d := session.Draft{Path: v.Request.URL.EscapedPath(), Fields: map[string]string{}}
	for _, name := range v.Gate.Typed {
		if value := v.Field(name); value != "" {
			d.Fields[name] = value
		}
	}
	if v.Safe() || len(d.Fields) == 0 {
		return ""
	}
	if page, err := url.Parse(returnTo(v)); err == nil {
		d.Path = page.EscapedPath()
	}
	err := a.Sessions.KeepDraft(v.Writer, v.Request, d)
	switch {
	case err == nil:
		return DraftKept
	case errors.Is(err, session.ErrTooLarge):
		return DraftLost
	}
	return "" // of nobody who could be told from others
}

// RestoreDraft gives v what its person had typed on this page before they signed
// in again. It is gone once a page has shown it.
func (a *Responder) RestoreDraft(v *request.Visit) {
	if !v.Safe() || v.Gate.Access != request.SignedIn {
		return
	}
	v.Draft.Fields = a.Sessions.Draft(v.Writer, v.Request, v.Session, v.Request.URL.EscapedPath())
	v.Draft.Used = func() { a.Sessions.DropDraft(v.Writer) }
}

// formPath is where the form of v was sent from.
func formPath(v *request.Visit) string { return cmp.Or(v.Gate.Form, v.Request.URL.EscapedPath()) }

// askedPage is the page of a form that takes some of its fields as its query, or "".
func askedPage(v *request.Visit) string {
	query := url.Values{}
	for _, name := range v.Gate.Asked {
		for _, value := range v.Request.PostForm[name] { // steps come as often as they were ticked
			query.Add(name, strings.TrimSpace(value))
		}
	}
	if len(query) == 0 {
		return ""
	}
	return login.ReturnPath(formPath(v) + "?" + query.Encode())
}
