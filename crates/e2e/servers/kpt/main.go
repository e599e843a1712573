// What `kpt fn` is, without the rest of kpt: its other commands need a module that the proxy of Go
// modules does not give out.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/kptdev/kpt/commands/fn"
	"github.com/kptdev/kpt/pkg/lib/errors/resolver"
	"github.com/kptdev/kpt/pkg/printer"
	"github.com/spf13/cobra"
)

func main() {
	ctx := printer.WithContext(context.Background(), printer.New(os.Stdout, os.Stderr))
	kpt := &cobra.Command{Use: "kpt", SilenceUsage: true, SilenceErrors: true}
	kpt.AddCommand(fn.GetCommand(ctx, "kpt"))
	if err := kpt.Execute(); err != nil {
		if told, known := resolver.ResolveError(err); known {
			fmt.Fprintln(os.Stderr, told.Message)
			os.Exit(told.ExitCode)
		}
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}
