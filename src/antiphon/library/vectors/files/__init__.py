"""Files of vectors with ids that were made elsewhere: .npy, .npz, .parquet, .h5, read in blocks.

One module a form. Whatever is wrong with a file is said in a sentence, never by a traceback.
"""
