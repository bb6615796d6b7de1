package batches

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/batch"
	"tokenconsole/internal/directory"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// chooseTimeout bounds how long the people of a plan are looked for: a long list may have to wait for the platform's
// rate limit, whose window is a minute.
const chooseTimeout = 110 * time.Second

// What is wrong with a choice of people.
var (
	errNoSet    = errors.New("nothing of the list was chosen")
	errNoFilter = errors.New("an empty search would find everybody")
	errOneOnly  = errors.New("a list and a file at once")
	errNoList   = errors.New("no list")
	errNoPeople = errors.New("no ids of people")
)

// Prepare finds the people who were chosen, and makes a plan of them. It only reads.
func (r *Room) Prepare(v *request.Visit) error {
	source := batch.Source(v.Field("from"))
	if source == ticked {
		source = batch.FromTicks
	}
	if need := lacks(v, source); need != "" {
		return &request.PermissionError{Permission: need, Since: v.Session.Created}
	}
	_ = http.NewResponseController(v.Writer).SetWriteDeadline(time.Now().Add(chooseTimeout + 10*time.Second))
	ctx, cancel := context.WithTimeout(v.Context(), chooseTimeout)
	defer cancel()
	choice, err := r.choose(ctx, v, source)
	if err == nil {
		var b batch.Batch
		if b, err = r.Batches.Prepare(v.Context(), by(v), choice.Rule, choice.People); err == nil {
			return r.Redirect(v, respond.BatchPath(b.ID))
		}
	}
	return r.chooseAgain(v, source, err)
}

// choose finds the people whom the form of v chooses from source.
func (r *Room) choose(ctx context.Context, v *request.Visit, source batch.Source) (batch.Choice, error) {
	c := r.chooser(v)
	switch source {
	case batch.FromList:
		return r.chooseLines(ctx, v, c)
	case batch.FromTicks:
		return chooseTicked(ctx, v, c)
	case batch.FromSearch:
		return chooseFound(ctx, v, c)
	case batch.FromDepartment:
		name := v.Field("name")
		if name == "" {
			return batch.Choice{}, errNoSet
		}
		rule := batch.Rule{Source: source, ID: name, Words: fmt.Sprintf("department “%s”", name)}
		return c.Query(ctx, rule, directory.Query{Department: name})
	case batch.FromQueue, batch.FromGroup, batch.FromRole, batch.FromTeam, batch.FromDivision:
		rule, err := r.ruleOf(v, source, v.Field("set"))
		if err != nil {
			return batch.Choice{}, err
		}
		if source == batch.FromDivision {
			return c.Query(ctx, rule, directory.Query{Division: rule.ID})
		}
		return c.Members(ctx, rule)
	}
	return batch.Choice{}, request.FormUnreadable
}

func (r *Room) chooseLines(ctx context.Context, v *request.Visit, c *batch.Chooser) (batch.Choice, error) {
	people, file := v.Field("people"), v.Field("file")
	switch {
	case people != "" && file != "":
		return batch.Choice{}, errOneOnly
	case people == "" && file == "":
		return batch.Choice{}, errNoList
	}
	rule := batch.Rule{Source: batch.FromList, Words: "a pasted list"}
	if file != "" {
		rule.Words, people = "an uploaded list", file
	}
	lines, err := batch.ReadList(people)
	if err != nil {
		return batch.Choice{}, err
	}
	if len(lines) == 0 {
		return batch.Choice{}, errNoList
	}
	return c.Lines(ctx, rule, lines)
}

// chooseTicked chooses the people whose rows were ticked.
func chooseTicked(ctx context.Context, v *request.Visit, c *batch.Chooser) (batch.Choice, error) {
	var ids []genesys.UserID
	for _, text := range v.Request.PostForm[request.Repeated] {
		id, err := genesys.ParseUserID(text)
		if err != nil {
			return batch.Choice{}, err
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return batch.Choice{}, errNoPeople
	}
	return c.IDs(ctx, batch.Rule{Source: batch.FromTicks, Words: "people ticked in a list"}, ids)
}

// searchFields are the fields of a search that widen it if they are not understood.
var searchFields = []string{"q", "state", "department", "division", "busy"}

// chooseFound chooses everybody whom a search finds. A filter that is not understood would find more people than were
// seen, so it is refused.
func chooseFound(ctx context.Context, v *request.Visit, c *batch.Chooser) (batch.Choice, error) {
	form := url.Values{}
	for name := range v.Request.PostForm {
		form.Set(name, v.Field(name))
	}
	q := directory.ParseQuery(form)
	understood := q.Values()
	for _, name := range searchFields {
		if form.Get(name) != understood.Get(name) {
			return batch.Choice{}, errNoFilter
		}
	}
	if q.Text == "" && !q.Filtered() {
		return batch.Choice{}, errNoFilter
	}
	rule := batch.Rule{Source: batch.FromSearch, ID: understood.Encode(), Words: searchWords(q)}
	return c.Query(ctx, rule, q)
}

func searchWords(q directory.Query) string {
	var parts []string
	if q.Text != "" {
		parts = append(parts, "“"+q.Text+"”")
	}
	if q.State != "" {
		parts = append(parts, q.State)
	}
	if q.Department != "" {
		parts = append(parts, "department “"+q.Department+"”")
	}
	if q.Division != "" {
		parts = append(parts, "division "+q.Division)
	}
	if q.Busy {
		parts = append(parts, "in an interaction")
	}
	return "a search for " + strings.Join(parts, ", ")
}

// chooseAgain shows the form once more with what was filled in, and what was wrong with it.
func (r *Room) chooseAgain(v *request.Visit, source batch.Source, err error) error {
	field, words := faultOf(v, source, err)
	if words == "" {
		return told(err)
	}
	if wayOf(source) < 0 || source == batch.FromSearch {
		p := respond.Refuse(respond.BatchEmpty)
		p.Meaning, p.Cause = words, err
		return p
	}
	page := r.newPage(v, source)
	page.Errors[field] = words
	page.Name, page.Filter, page.People, page.Set = v.Field("name"), v.Field("filter"), v.Field("people"), v.Field("set")
	if file := v.Field("file"); page.People == "" && !errors.Is(err, batch.ErrNotText) {
		page.People = file // a browser does not keep which file it was
	}
	return r.showNew(v, http.StatusUnprocessableEntity, page)
}

// faultOf is the field that err is about, and what is wrong with it; "" if err is about something else.
func faultOf(v *request.Visit, source batch.Source, err error) (field, words string) {
	field = map[batch.Source]string{batch.FromList: "people", batch.FromDepartment: "name"}[source]
	if field == "" {
		field = "set"
	}
	if source == batch.FromList && v.Field("file") != "" && v.Field("people") == "" {
		field = "file"
	}
	switch {
	case errors.Is(err, errNoList):
		return "people", "Paste the people, or choose a file."
	case errors.Is(err, errOneOnly):
		return "file", "Paste a list or choose a file, not both."
	case errors.Is(err, errNoSet), errors.Is(err, genesys.ErrNotFound):
		return field, "Choose one of the list."
	case source == batch.FromList && errors.Is(err, genesys.ErrForbidden):
		return field, "Finding people by email or name needs the permission " + genesys.PermissionViewUser + ". Paste their ids."
	case errors.Is(err, errNoPeople):
		return field, "Nobody was ticked."
	case errors.Is(err, errNoFilter):
		return field, "The search is empty or not understood. It would find everybody, so nothing was prepared."
	case errors.Is(err, batch.ErrNotText):
		return field, "That is not text in UTF-8. Export the list as CSV (UTF-8), or paste it."
	case errors.Is(err, batch.ErrNobody):
		return field, "Nobody is in it."
	case errors.Is(err, batch.ErrTooMany):
		return field, "Those are more than " + views.Number(batch.MaxPeople) +
			" people. Nothing was cut off, and nothing prepared: choose fewer."
	}
	return "", ""
}
