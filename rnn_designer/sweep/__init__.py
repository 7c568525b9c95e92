"""Many trainings of one design with other settings, by workers that share one study. Optuna keeps and chooses.

Nothing here is imported by the window: it starts ``rnn-designer sweep`` and reads what that prints.
"""
