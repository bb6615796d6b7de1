package batch

import (
	"context"
	"errors"
	"fmt"

	"tokenconsole/internal/genesys"
)

// maxListed is how many queues, groups, roles, teams or divisions an organization may have for them to be listed.
const maxListed = 10_000

// Set is a queue, group, role, work team or division that people can be taken from.
type Set struct {
	ID, Name string
	Members  int // as the platform counts them; -1 where it does not tell
}

// Needs returns the permission that reading the people of a source takes, or "" for none.
func (s Source) Needs() string {
	switch s {
	case FromQueue:
		return genesys.PermissionViewQueue
	case FromTeam:
		return genesys.PermissionViewTeam
	case FromRole:
		return genesys.PermissionViewRole
	case FromDepartment, FromDivision, FromSearch:
		return genesys.PermissionViewUser
	}
	return ""
}

// Sets lists the sets of one source: all of them, or an error.
func (c *Chooser) Sets(ctx context.Context, source Source) ([]Set, error) {
	switch source {
	case FromQueue:
		return sets(ctx, c, c.Client.GetRoutingQueues, func(q genesys.Queue) Set {
			return Set{q.ID, q.Name, q.MemberCount}
		})
	case FromGroup:
		return sets(ctx, c, c.Client.GetGroupsPage, func(g genesys.Group) Set { return Set{g.ID, g.Name, g.MemberCount} })
	case FromTeam:
		return sets(ctx, c, c.Client.GetTeams, func(t genesys.Team) Set { return Set{t.ID, t.Name, t.MemberCount} })
	case FromRole:
		return sets(ctx, c, c.Client.GetAuthorizationRoles, func(r genesys.Role) Set {
			return Set{r.ID, r.Name, r.UserCount}
		})
	case FromDivision:
		return sets(ctx, c, c.Client.GetAuthorizationDivisions, func(d genesys.Named) Set { return Set{d.ID, d.Name, -1} })
	}
	return nil, fmt.Errorf("%s has no sets", source)
}

// lister is a method of the client that lists something.
type lister[T any] func(context.Context, genesys.Secret, genesys.Position) (genesys.Listing[T], error)

func sets[T any](ctx context.Context, c *Chooser, list lister[T], set func(T) Set) ([]Set, error) {
	found, err := listed(ctx, c, list)
	all := make([]Set, len(found))
	for i, one := range found {
		all[i] = set(one)
	}
	return all, err
}

// listed reads a list to its end.
func listed[T any](ctx context.Context, c *Chooser, list lister[T]) ([]T, error) {
	return genesys.All(ctx, maxListed, func(ctx context.Context, at genesys.Position) (genesys.Listing[T], error) {
		return list(ctx, c.Token, at)
	})
}

// Members chooses everybody in a set of one source. ErrTooMany: more people than a batch takes; genesys.ErrNotFound:
// there is no such set.
func (c *Chooser) Members(ctx context.Context, rule Rule) (Choice, error) {
	var ids []genesys.UserID
	var err error
	switch rule.Source {
	case FromQueue:
		ids, err = members(ctx, c, c.Client.GetRoutingQueueMembers, rule.ID, func(m genesys.QueueMember) genesys.UserID {
			return m.ID
		})
	case FromGroup:
		ids, err = members(ctx, c, c.Client.GetGroupMembers, rule.ID, func(u genesys.User) genesys.UserID {
			return u.ID
		})
	case FromTeam:
		ids, err = members(ctx, c, c.Client.GetTeamMembers, rule.ID, referred)
	case FromRole:
		ids, err = c.holders(ctx, rule.ID)
	default:
		err = fmt.Errorf("%s has no members", rule.Source)
	}
	if err != nil {
		return Choice{}, err
	}
	return c.IDs(ctx, rule, once(ids))
}

func referred(r genesys.Reference) genesys.UserID { return r.ID }

// holders are the people who hold a role.
func (c *Chooser) holders(ctx context.Context, role string) ([]genesys.UserID, error) {
	return members(ctx, c, c.Client.GetAuthorizationRoleUsers, role, referred)
}

// memberLister is a method of the client that lists the members of something.
type memberLister[T any] func(context.Context, genesys.Secret, string, genesys.Position) (genesys.Listing[T], error)

func members[T any](
	ctx context.Context, c *Chooser, list memberLister[T], of string, id func(T) genesys.UserID,
) ([]genesys.UserID, error) {
	all, err := genesys.All(ctx, MaxPeople, func(ctx context.Context, at genesys.Position) (genesys.Listing[T], error) {
		return list(ctx, c.Token, of, at)
	})
	if errors.Is(err, genesys.ErrTooMany) {
		err = ErrTooMany
	}
	var ids []genesys.UserID
	for _, one := range all {
		ids = append(ids, id(one))
	}
	return ids, err
}
