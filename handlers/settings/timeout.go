// Package settings is the pages about the organization's settings of tokens.
package settings

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"tokenconsole/handlers/request"
	"tokenconsole/handlers/respond"
	"tokenconsole/internal/audit"
	"tokenconsole/internal/genesys"
	"tokenconsole/views"
)

// Room holds the pages about settings.
type Room struct {
	*respond.Responder
	Log *audit.Log
}

// ShowTimeout tells the organization's idle token timeout in plain words.
func (s *Room) ShowTimeout(v *request.Visit) error {
	current, err := s.read(v)
	if err != nil {
		return err
	}
	return s.showTimeout(v, http.StatusOK, current, choicesFor(current.Enabled, minutes(current)))
}

// showTimeout shows p with what current tells.
func (s *Room) showTimeout(v *request.Visit, status int, current genesys.IdleTokenTimeout, p views.TimeoutPage) error {
	p.Current, p.GroupsCount = inWords(current), current.GroupsEnabled
	p.Bounds = span(genesys.MinIdleTimeout) + " to " + span(genesys.MaxIdleTimeout) + "; at most " +
		span(genesys.MaxIdleTimeoutHIPAA) + " under HIPAA."
	if !current.Enabled && current.GroupsEnabled && len(current.Groups) > 0 {
		p.Current = "off, except for the groups below"
	}
	p.MayChange = v.Session.Person.May(genesys.PermissionAdminOrg)
	names, uncounted := s.readAround(v, current, p.MayChange)
	p.Groups, p.Uncounted = groupRows(current.Groups, names), uncounted
	p.Shell = s.Shell(v, "Idle timeout")
	return s.Page(v, status, views.Timeout(p))
}

func (s *Room) read(v *request.Visit) (genesys.IdleTokenTimeout, error) {
	return s.Platform.Client(v.Session.Region).GetTokensTimeout(v.Context(), v.Session.AccessToken)
}

// readAround asks for the names of the groups that have a timeout of their own
// and, for those who may see it, what does not count as activity. Neither is
// needed: a group without a name shows its id.
func (s *Room) readAround(v *request.Visit, t genesys.IdleTokenTimeout, administrator bool) (map[string]string, []string) {
	client, names := s.Platform.Client(v.Session.Region), map[string]string{}
	var ids, uncounted []string
	for _, g := range t.Groups {
		ids = append(ids, g.GroupIDs...)
	}
	err := genesys.Together(v.Context(),
		func(ctx context.Context) error {
			groups, err := client.GetGroups(ctx, v.Session.AccessToken, ids)
			for _, g := range groups {
				names[g.ID] = g.Name
			}
			v.Log().Debug("groups with a timeout", "named", len(groups), "of", len(ids))
			return ignoreUnlessCancelled(ctx, err)
		},
		func(ctx context.Context) error {
			if !administrator {
				return nil
			}
			settings, err := client.GetOrganizationsAuthenticationSettings(ctx, v.Session.AccessToken)
			uncounted = settings.InactivityTimeoutExclusions
			return ignoreUnlessCancelled(ctx, err)
		})
	if err != nil {
		v.Log().Info("what belongs to the idle timeout could not be read", "error", err.Error())
	}
	return names, uncounted
}

// ignoreUnlessCancelled lets one call fail without ending the other.
func ignoreUnlessCancelled(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return err
	}
	return nil
}

// groupRows are the timeouts of groups as a table, the most important first.
func groupRows(groups []genesys.TimeoutGroup, names map[string]string) []views.TimeoutGroup {
	sorted := slices.SortedStableFunc(slices.Values(groups), func(a, b genesys.TimeoutGroup) int { return a.Priority - b.Priority })
	var rows []views.TimeoutGroup
	for _, g := range sorted {
		row := views.TimeoutGroup{Priority: strconv.Itoa(g.Priority), After: span(g.Seconds), Unit: strings.ToLower(g.Unit)}
		for _, id := range g.GroupIDs {
			name := names[id]
			if name == "" {
				name = id
			}
			row.Names = append(row.Names, name)
		}
		rows = append(rows, row)
	}
	return rows
}

// inWords is a timeout as pages say it.
func inWords(t genesys.IdleTokenTimeout) string {
	if !t.Enabled {
		return "off"
	}
	return span(t.Seconds)
}

func span(seconds int) string { return views.Span(time.Duration(seconds) * time.Second) }

// recorded is a timeout as the record keeps it: "off" or seconds.
func recorded(t genesys.IdleTokenTimeout) string {
	if !t.Enabled {
		return "off"
	}
	return strconv.Itoa(t.Seconds) + " s"
}

func minutes(t genesys.IdleTokenTimeout) string {
	return strconv.FormatFloat(float64(t.Seconds)/60, 'f', -1, 64)
}
