package people

import (
	"net/url"

	"tokenconsole/handlers/request"
	"tokenconsole/internal/directory"
	"tokenconsole/internal/genesys"
)

// cameFrom is the list from which somebody came to a person's page, as its query;
// it travels along to what they do there.
type cameFrom struct {
	list  string
	known bool
}

// origin reads where v came from. Nothing but a query of the list passes.
func origin(v *request.Visit) cameFrom {
	values := v.Request.URL.Query()
	if v.Request.PostForm.Has("from") {
		values = v.Request.PostForm
	}
	if !values.Has("from") {
		return cameFrom{}
	}
	list, err := url.ParseQuery(values.Get("from"))
	if err != nil {
		return cameFrom{}
	}
	return cameFrom{place(directory.Found{Query: directory.ParseQuery(list), Page: number(list)}), true}
}

// query is c as the query of an address.
func (c cameFrom) query() string {
	if !c.known {
		return ""
	}
	return "?" + url.Values{"from": {c.list}}.Encode()
}

// results is the way back to the row of id in the list.
func (c cameFrom) results(id genesys.UserID) string {
	if !c.known {
		return ""
	}
	return usersPath(c.list) + "#p-" + id.String()
}
