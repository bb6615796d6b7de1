package batch

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tokenconsole/internal/playbook"
)

// Book is the playbook of b; the zero Book if it is about the tokens alone.
func (b Batch) Book() playbook.Book {
	book, _ := playbook.Find(b.Playbook)
	return book
}

// Beside are the steps of b besides the tokens, in the order in which they are taken.
func (b Batch) Beside() []playbook.Step {
	return slices.DeleteFunc(slices.Clone(b.Steps), func(s playbook.Step) bool { return s == playbook.Tokens })
}

// Calls is about how many calls of the platform one person takes.
func (b Batch) Calls() int { return max(1, b.Book().Calls(b.Steps)) }

// Types is what has to be typed beside the number of people before a batch of so many starts: for deactivating, which
// nobody can take back, the word with the number once more. It is "" for nothing.
func (b Batch) Types() string {
	if !slices.Contains(b.Steps, playbook.Deactivate) {
		return ""
	}
	return fmt.Sprintf("deactivate %d", b.Counts.ToRevoke)
}

// isTyped reports whether text is what b.Types asks for, give or take case and spaces.
func (b Batch) isTyped(text string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(text), " "), b.Types())
}

// ChooseSteps says what a prepared batch does about each person besides revoking their tokens, which it always does:
// steps of a playbook, in its order. The plan has another hash afterwards, which goes on the record with the steps.
// ErrSteps: there is no such playbook.
func (s *Service) ChooseSteps(ctx context.Context, by By, id, book string, names []string) (Batch, error) {
	return s.replan(ctx, by, id, func(_ []Person, b *Batch) (int, error) {
		found, ok := playbook.Find(book)
		if !ok {
			return 0, ErrSteps
		}
		b.Playbook, b.Steps = book, found.Pick(append(slices.Clone(names), string(playbook.Tokens)))
		if len(b.Steps) == 1 && !found.SparesBusy {
			b.Playbook, b.Steps = "", nil
		}
		return noRow, nil
	})
}
