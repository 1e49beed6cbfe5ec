"""What there is of features, and what one of them is: in a line, in words with values, and drawn.

at_hand   the families of a workspace, and its bars or made ones
telling   the families in a line each, a feature in words with its last values
silent    the features that were kept and are null throughout, as the bars lack what they read
stretch   the last bars of one symbol with what a family said at each, and why it said nothing
pages     a feature, or a whole family, as a page
"""
