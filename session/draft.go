package session

import (
	"net/http"
	"time"
)

// DraftLife is how long what somebody typed waits for them to sign in again.
const DraftLife = 15 * time.Minute

// Draft is what a person had typed into a form when their session turned out to
// be over. It waits sealed in their browser, and is for them alone: the next
// sign-in may be somebody else's.
type Draft struct {
	Path   string            // of the page with the form
	Fields map[string]string // by name; what may be shown again, nothing secret
}

// draft is a Draft in its cookie, with whose it is.
type draft struct {
	person, organization string
	path                 string
	names, values        []string
	kept                 time.Time
}

func (d *draft) fields(c *codec) {
	c.text(&d.person)
	c.text(&d.organization)
	c.text(&d.path)
	c.texts(&d.names)
	c.texts(&d.values)
	c.time(&d.kept)
}

func (st *Store) draftCookie() string { return st.prefix + "console-draft" }

// KeepDraft keeps d for the person whose session r carries, be it over.
// ErrNone or ErrUnreadable if nobody can tell whose it is. ErrTooLarge if it does
// not fit into a cookie; one from before is not kept either then.
func (st *Store) KeepDraft(w http.ResponseWriter, r *http.Request, d Draft) error {
	whose, err := st.open(r, st.options.Now())
	if err != nil {
		return err
	}
	kept := draft{person: whose.Person.ID.String(), organization: whose.Organization.ID, path: d.Path, kept: st.options.Now()}
	for name, value := range d.Fields {
		kept.names, kept.values = append(kept.names, name), append(kept.values, value)
	}
	if err := st.drafts.save(w, r, st.draftCookie(), kept); err != nil {
		st.DropDraft(w)
		return err
	}
	return nil
}

// Draft is what the person of s had typed on the page at path, or nil. One of
// somebody else is cleared.
func (st *Store) Draft(w http.ResponseWriter, r *http.Request, s Session, path string) map[string]string {
	d, err := st.drafts.load(r, st.draftCookie())
	switch {
	case err == ErrNone:
		return nil
	case err != nil, !d.isOf(s), st.options.Now().Sub(d.kept) >= DraftLife:
		st.DropDraft(w)
		return nil
	case d.path != path:
		return nil
	}
	fields := map[string]string{}
	for i, name := range d.names {
		fields[name] = d.values[i]
	}
	return fields
}

// isOf reports whether the person of s typed d, in the same organization.
func (d draft) isOf(s Session) bool {
	return d.person == s.Person.ID.String() && d.organization == s.Organization.ID && len(d.names) == len(d.values)
}

// DropDraft removes a draft from the browser.
func (st *Store) DropDraft(w http.ResponseWriter) { st.drafts.clear(w, st.draftCookie()) }
