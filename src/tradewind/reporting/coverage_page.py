def render(coverage):
    return ""
