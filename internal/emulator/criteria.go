package emulator

import (
	"regexp"
	"slices"
	"strings"
)

// criterion is the platform's UserSearchCriteria: a condition, or a group of them.
type criterion struct {
	Type     string      `json:"type"`
	Fields   []string    `json:"fields"`
	Value    string      `json:"value"`
	Values   []string    `json:"values"`
	Operator string      `json:"operator"`
	Group    []criterion `json:"group"`

	patterns []*regexp.Regexp // of a REGEX
}

// searchFields are the fields to search and sort by, in lower case. Fields that
// nobody in the demo has are empty.
var searchFields = map[string]func(*person) string{
	"id":         func(p *person) string { return p.id },
	"name":       func(p *person) string { return p.name },
	"email":      func(p *person) string { return p.email },
	"username":   func(p *person) string { return p.username },
	"department": func(p *person) string { return p.department },
	"title":      func(p *person) string { return p.title },
	"state":      func(p *person) string { return p.now().state },
	"divisionid": func(p *person) string { return stableID("division", p.division) },
	"manager.id": func(p *person) string {
		if p.manager == nil {
			return ""
		}
		return p.manager.id
	},
	"groups.official.id":       groupOf,
	"primarycontactinfo.email": func(p *person) string { return p.email },
	"addresses.email":          nothing, "addresses.voice": nothing, "addresses.address": nothing,
	"addresses.voicemailenabled": nothing, "chat.jabberid": nothing, "siteid": nothing, "hr.employeeid": nothing,
	"integration": nothing, "groups.social.id": nothing, "groups.distribution.id": nothing, "languages.guid": nothing,
	"languages.name": nothing, "languages.namespace": nothing, "languages.proficiency": nothing,
	"primarycontactinfo.voice": nothing, "primarycontactinfo.sms": nothing, "profileskills": nothing,
	"queuemembership.added": nothing, "queuemembership.joined": nothing, "routingskills.guid": nothing,
	"routingskills.name": nothing, "routingskills.namespace": nothing, "routingskills.proficiency": nothing,
	"teamid": func(p *person) string {
		if p.team == nil {
			return ""
		}
		return p.team.id
	},
}

func nothing(*person) string { return "" }

// checkCriteria checks every condition of query and counts conditions and values.
func checkCriteria(query []criterion, criteria, values *int) error {
	for i := range query {
		c := &query[i]
		*criteria++
		*values += len(c.Values)
		if len(c.Group) > 0 {
			if err := checkCriteria(c.Group, criteria, values); err != nil {
				return err
			}
			continue
		}
		if err := c.check(); err != nil {
			return err
		}
	}
	return nil
}

// check prepares a condition for matching, or returns what is wrong with it.
func (c *criterion) check() error {
	if !slices.Contains(searchTypes, c.Type) {
		return fail(400, "invalid.value", "{type} is {value}, and may be {allowed}.", "value", c.Type, "type", "type", "allowed", strings.Join(searchTypes, ", "))
	}
	for _, f := range c.Fields {
		if searchFields[strings.ToLower(f)] == nil {
			return invalidProperty(f)
		}
	}
	if c.Value != "" {
		c.Values = append(c.Values, c.Value)
	}
	if len(c.Fields) == 0 && c.Type == "QUERY_STRING" {
		c.Fields = []string{"name", "email", "department", "title"}
	}
	if c.Type == "MATCH_ALL" {
		return nil
	}
	if len(c.Fields) == 0 || len(c.Values) == 0 && c.Type != "REQUIRED_FIELDS" {
		return malformed()
	}
	if c.Type == "REGEX" {
		return c.compile()
	}
	for i, v := range c.Values { // once, and not for each person
		c.Values[i] = strings.ToLower(v)
	}
	return nil
}

// compile compiles the patterns of a REGEX. A pattern must match a whole field.
func (c *criterion) compile() error {
	for _, v := range c.Values {
		pattern, err := regexp.Compile(`(?is)\A(?:` + v + `)\z`)
		if err != nil {
			return malformed()
		}
		c.patterns = append(c.patterns, pattern)
	}
	return nil
}

// invalidProperty refuses a field that the platform's users do not have.
func invalidProperty(name string) error {
	return fail(400, "invalid.property", "{object} has no property {value}.", "value", name, "object", "User")
}
