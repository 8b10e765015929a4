"""`paperfilter serve`: start vLLM with the options that stage one wants."""

import click


@click.command("serve", context_settings={"ignore_unknown_options": False})
@click.argument("model")
@click.option("--print", "only_print", is_flag=True, help="Print the command, start nothing.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Any other than loopback wants a key.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--name", default=None, help="Name that requests use. [default: the model's own]")
@click.option("--max-model-len", default=None, metavar="N", help="Tokens of prompt and answer; 'auto': what fits.")
@click.option(
    "--tensor-parallel", type=click.IntRange(1), default=1, metavar="N", help="Graphics cards to use together."
)
@click.option("--quantization", default=None, metavar="METHOD", help="[default: what the model's configuration says]")
@click.option("--reasoning/--no-reasoning", default=True, show_default=True, help="Let a reasoning model think.")
@click.option(
    "--vllm-python",
    default=None,
    metavar="PATH",
    help="Python or environment that has vLLM. [$PAPERFILTER_VLLM_PYTHON]",
)
@click.argument("extra", nargs=-1, type=click.UNPROCESSED)
def command(
    model: str,
    only_print: bool,
    host: str,
    port: int,
    name: str | None,
    max_model_len: str | None,
    tensor_parallel: int,
    quantization: str | None,
    reasoning: bool,
    vllm_python: str | None,
    extra: tuple[str, ...],
) -> None:
    """Serve MODEL (a name on the Hugging Face hub, or a folder) with vLLM: structured output, prefix caching, the
    model's reasoning parser. Options after `--` go to vLLM as they are.

    \b
    paperfilter serve Qwen/Qwen3-32B --max-model-len 65536 --tensor-parallel 2
    paperfilter serve openai/gpt-oss-20b -- --gpu-memory-utilization 0.8

    Listens on this machine only, unless --host says otherwise; then clients must send the key in PAPERFILTER_API_KEY.
    The command is printed on stderr, with --print on stdout, and nothing is started.
    """
    import os

    from pipeline.serving import UNSEEN, ServeRequest, build_command, execute, find_vllm
    from pipeline.terminal import strip_controls
    from schemas.errors import ModelUnavailable, UsageError

    if max_model_len not in (None, "auto") and not (max_model_len.isdigit() and int(max_model_len) > 0):
        raise UsageError(f"--max-model-len {max_model_len}: a number of tokens above 0, or 'auto'")

    request = ServeRequest(
        model=model,
        name=name,
        host=host,
        port=port,
        max_model_len=max_model_len,
        tensor_parallel=tensor_parallel,
        quantization=quantization,
        reasoning=reasoning,
        extra=extra,
    )
    build_command(request, UNSEEN, os.environ)  # what is wrong with the arguments is said first
    try:
        vllm = find_vllm(vllm_python)
    except ModelUnavailable:
        if not only_print:
            raise
        vllm = UNSEEN
        click.echo("  no vLLM here: for a machine that has it, with its Python instead of `python`", err=True)
    made = build_command(request, vllm, os.environ)
    for note in made.notes:
        click.echo(strip_controls(f"  {note}"), err=True)
    click.echo(strip_controls(made.write()), err=not only_print)
    if not only_print:
        execute(made)
